//! TLS with the root certificates of AWS.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// The root certificates of every AWS endpoint (Amazon Trust Services). The binary contains them, so the process reads
/// no file at the start.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// Returns the root certificates of AWS. Reading them takes some microseconds.
#[must_use]
pub fn amazon_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(AMAZON_ROOTS).flatten());
    roots
}

/// Makes the TLS configuration of connections to hosts with a certificate from one of these roots.
pub(crate) fn client(roots: RootCertStore) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let Ok(builder) = versions else {
        unreachable!("ring supports the default versions")
    };
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_certificate_can_be_read() {
        let certificates = CertificateDer::pem_slice_iter(AMAZON_ROOTS);

        let read: Result<Vec<_>, _> = certificates.collect();

        let mut roots = RootCertStore::empty();
        let (added, ignored) = roots.add_parsable_certificates(read.unwrap());
        assert!(added > 0 && ignored == 0, "{added} {ignored}");
    }
}
