//! Who is believed to be who they say: certificates, by the authorities of the web and, for hosts
//! that the household names, by its own.
//!
//! Verification is rustls' own and is never switched off. An authority of the household vouches
//! for its host and for no other. Revocation is not looked up.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::refusal::Distrust;
use super::{HttpError, guard};
use crate::config::Network;

/// What TLS connections are made with: TLS 1.2 or 1.3, ring, the authorities that count.
pub fn settings(network: &Network) -> Result<ClientConfig, HttpError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new(network, &provider)?;
    let building = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let building = building.map_err(|error| HttpError::unreachable("TLS", &error))?;
    Ok(building.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

/// What an error of TLS says of the server; `None` when it says nothing of it.
pub fn distrust(error: &Error, is_home: bool) -> Option<Distrust> {
    Some(match error {
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            Distrust::Expired
        }
        Error::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            Distrust::NotYetValid
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Distrust::WrongName,
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            Distrust::UnknownIssuer { is_home }
        }
        Error::InvalidCertificate(CertificateError::Other(other)) if is_authority(&other.to_string()) => {
            Distrust::UnknownIssuer { is_home }
        }
        Error::PeerIncompatible(_)
        | Error::AlertReceived(
            rustls::AlertDescription::ProtocolVersion | rustls::AlertDescription::HandshakeFailure,
        ) => Distrust::OldTls,
        Error::InvalidMessage(_) => Distrust::NotTls,
        Error::General(_) | Error::FailedToGetCurrentTime | Error::FailedToGetRandomBytes => return None,
        other => Distrust::Other(other.to_string()),
    })
}

/// A certificate that is an authority's own stands where a server's should: signed by itself.
fn is_authority(why: &str) -> bool {
    why.contains("CaUsedAsEndEntity")
}

/// Asks the verifier that counts for the host.
#[derive(Debug)]
struct Verifier {
    web: Arc<WebPkiServerVerifier>,
    /// By host, as [`guard::name`] gives it, without brackets.
    home: BTreeMap<String, Arc<WebPkiServerVerifier>>,
}

impl Verifier {
    fn new(network: &Network, provider: &Arc<CryptoProvider>) -> Result<Self, HttpError> {
        let web = verifier(&[], provider)?;
        let mut home = BTreeMap::new();
        for (host, file) in &network.authorities {
            let authorities = read(host, file)?;
            home.insert(guard::name(host).trim_matches(['[', ']']).to_owned(), verifier(&authorities, provider)?);
        }
        Ok(Self { web, home })
    }

    fn of(&self, name: &ServerName<'_>) -> &Arc<WebPkiServerVerifier> {
        self.home.get(guard::name(&name.to_str()).trim_matches(['[', ']'])).unwrap_or(&self.web)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.of(name).verify_server_cert(certificate, chain, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.web.supported_verify_schemes()
    }
}

/// The authorities of the web, and further ones.
fn verifier(
    further: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, HttpError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(further.iter().cloned());
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| HttpError::unreachable("TLS", &error))
}

fn read(host: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, HttpError> {
    let broken = |why: String| HttpError::Authority { host: host.to_owned(), file: file.display().to_string(), why };
    let text = std::fs::read(file).map_err(|error| broken(error.to_string()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|error| broken(error.to_string()))?;
    if found.is_empty() {
        return Err(broken("it holds no certificate in PEM".to_owned()));
    }
    Ok(found)
}
