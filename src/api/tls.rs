//! TLS by rustls with the `ring` provider, from a certificate and a key in PEM files.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::valid::Tls;

/// Why TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing, unreadable or holds no PEM of the kind needed.
    #[error("cannot read {what} from {}", .path.display())]
    Pem {
        /// What was looked for.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rustls::pki_types::pem::Error,
    },
    /// Certificate and key do not fit together, or are of a kind that is not supported.
    #[error("the certificate {} and its key cannot be used", .path.display())]
    Unusable {
        /// The certificate's file.
        path: PathBuf,
        /// The cause.
        source: rustls::Error,
    },
}

/// Reads and checks the certificate and the key: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
///
/// # Errors
/// [`TlsError`] naming the file at fault.
pub fn load(files: &Tls) -> Result<Arc<ServerConfig>, TlsError> {
    let pem = |what, path: &PathBuf| {
        let path = path.clone();
        move |source| TlsError::Pem { what, path, source }
    };
    let chain = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(pem("a certificate", &files.cert))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(pem("a private key", &files.key))?;
    let unusable = |source| TlsError::Unusable { path: files.cert.clone(), source };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_when_they_do_not_fit() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).expect("file is written");
            path
        };
        let issue = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
        let (one, other) = (issue(), issue());
        let certificate = write("cert.pem", &one.cert.pem());
        let key = write("key.pem", &one.signing_key.serialize_pem());
        let wrong_key = write("wrong.pem", &other.signing_key.serialize_pem());
        assert!(load(&Tls { cert: certificate.clone(), key: key.clone() }).is_ok());
        let mixed = load(&Tls { cert: certificate.clone(), key: wrong_key });
        assert!(matches!(mixed, Err(TlsError::Unusable { .. })));
        let swapped = load(&Tls { cert: key, key: certificate });
        assert!(swapped.is_err_and(|error| error.to_string().contains("pem")));
        let missing = load(&Tls { cert: dir.path().join("none"), key: dir.path().join("none") });
        assert!(missing.is_err_and(|error| error.to_string().contains("none")));
    }
}
