//! TLS 1.2 and 1.3 by rustls, with the certificate of two files that a renewal may replace.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::ListenError;
use crate::config::Tls;

/// What tells one state of a file from another.
type Stamp = (u64, i64, i64, u64);

/// The certificate as the files have it, or as they last had it when they cannot be used now.
#[derive(Debug)]
pub struct Certificates {
    files: Tls,
    current: RwLock<Current>,
}

#[derive(Debug)]
struct Current {
    stamps: [Option<Stamp>; 2],
    config: Arc<ServerConfig>,
}

impl Certificates {
    /// Reads both files.
    pub fn open(files: &Tls) -> Result<Self, ListenError> {
        let stamps = stamps(files);
        let config = read(files)?;
        Ok(Self { files: files.clone(), current: RwLock::new(Current { stamps, config }) })
    }

    /// What the next connection is encrypted with. Two files are not replaced at one time: while
    /// they do not fit together, the earlier pair holds, and each connection looks again.
    pub fn current(&self) -> Arc<ServerConfig> {
        let stamps = stamps(&self.files);
        {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            if current.stamps == stamps {
                return current.config.clone();
            }
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        match read(&self.files) {
            Ok(config) => {
                tracing::info!("the certificate was renewed");
                *current = Current { stamps, config };
            }
            Err(error) => tracing::warn!(%error, "the earlier certificate is used"),
        }
        current.config.clone()
    }
}

fn stamps(files: &Tls) -> [Option<Stamp>; 2] {
    [&files.certificate, &files.key].map(|path| {
        let it = fs::metadata(path).ok()?;
        Some((it.ino(), it.mtime(), it.mtime_nsec(), it.size()))
    })
}

fn read(files: &Tls) -> Result<Arc<ServerConfig>, ListenError> {
    let chain: Result<Vec<_>, _> = pem(&files.certificate, |path| CertificateDer::pem_file_iter(path)?.collect());
    let key = pem(&files.key, |path| PrivateKeyDer::from_pem_file(path))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let building = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let unusable = |error: rustls::Error| refused(&files.certificate, &error);
    let building = building.map_err(unusable)?.with_no_client_auth();
    let mut config = building.with_single_cert(chain?, key).map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn pem<T>(path: &Path, read: impl FnOnce(&Path) -> Result<T, rustls::pki_types::pem::Error>) -> Result<T, ListenError> {
    read(path).map_err(|error| refused(path, &error))
}

fn refused(path: &Path, error: &dyn std::fmt::Display) -> ListenError {
    ListenError::Certificate { path: path.to_owned(), message: error.to_string() }
}
