//! Certificates: believed, expired, renewed while connections come and go.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use moisson::config::{Serve, Tls};
use moisson::web::accounts::Scope;
use moisson::web::listen::{self, Limits, ListenError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::world::{Answer, World, answer};

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        Self { issuer }
    }

    /// Writes a certificate that ends in that year, and its key.
    fn certify(&self, folder: &Path, until: i32) -> Tls {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec!["dav.example.org".to_owned()]).expect("parameters");
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let files = Tls { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
        std::fs::write(&files.certificate, certificate.pem()).expect("a file");
        std::fs::write(&files.key, key.serialize_pem()).expect("a file");
        files
    }

    fn client(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("an authority");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let building = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        Arc::new(building.expect("versions").with_root_certificates(roots).with_no_client_auth())
    }
}

fn get(world: &World, client: &Arc<ClientConfig>, authorization: &str) -> Result<Answer, String> {
    let name = ServerName::try_from("dav.example.org").expect("a name");
    let mut talk = ClientConnection::new(client.clone(), name).expect("a client");
    let mut stream = world.connect();
    let mut tls = rustls::Stream::new(&mut talk, &mut stream);
    let text = format!(
        "GET /dav/ HTTP/1.1\r\nHost: dav.example.org\r\nAuthorization: {authorization}\r\nConnection: close\r\n\r\n"
    );
    tls.write_all(text.as_bytes()).map_err(|error| error.to_string())?;
    Ok(answer(&mut tls))
}

fn settings(files: Tls) -> Serve {
    Serve { names: vec!["dav.example.org".to_owned()], tls: Some(files), ..Serve::default() }
}

#[test]
fn a_certificate_that_is_renewed_counts_from_the_next_connection() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new();
    let world = World::with(&settings(authority.certify(folder.path(), 2001)), Limits::default());
    let phone = world.device("phone", Scope::all());
    let client = authority.client();
    let expired = get(&world, &client, &phone).expect_err("an expired certificate");
    assert!(expired.contains("expired"), "{expired}");
    authority.certify(folder.path(), 2100);
    assert_eq!(get(&world, &client, &phone).expect("an answer").body, "phone 0");
    std::fs::write(folder.path().join("key.pem"), "half of a key").expect("a file");
    assert_eq!(get(&world, &client, &phone).expect("the earlier one holds").status, 200);
    assert!(get(&world, &Authority::new().client(), &phone).is_err(), "another authority's");
}

#[test]
fn who_does_not_speak_tls_holds_nobody_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new();
    let limits = Limits { handshake: std::time::Duration::from_millis(300), ..Limits::default() };
    let world = World::with(&settings(authority.certify(folder.path(), 2100)), limits);
    let phone = world.device("phone", Scope::all());
    let mut silent = world.connect();
    assert_eq!(get(&world, &authority.client(), &phone).expect("an answer").status, 200);
    assert_eq!(answer(&mut silent).status, 0, "closed without a word");
    assert_eq!(world.get("/dav/", &phone).status, 0, "plain HTTP is no TLS");
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new();
    let files = authority.certify(folder.path(), 2100);
    let opened =
        |files: &Tls| listen::open(&settings(files.clone()), "127.0.0.1:0".parse().unwrap(), Limits::default());
    assert!(opened(&files).is_ok());
    std::fs::write(&files.key, KeyPair::generate().expect("a key").serialize_pem()).expect("a file");
    assert!(matches!(opened(&files), Err(ListenError::Certificate { .. })), "a key of another");
    std::fs::write(&files.key, "no key").expect("a file");
    assert!(matches!(opened(&files), Err(ListenError::Certificate { .. })));
    std::fs::remove_file(&files.certificate).expect("a file");
    assert!(matches!(opened(&files), Err(ListenError::Certificate { .. })));
}
