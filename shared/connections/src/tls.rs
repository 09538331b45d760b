//! TLS with the root certificates of AWS.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer};

/// The root certificates of every AWS endpoint, from <https://www.amazontrust.com/repository/>. The binary contains them
/// in the form in which they are used, so the process neither reads a file nor decodes text at its start.
const AMAZON_ROOTS: [&[u8]; 5] = [
    include_bytes!("roots/amazon-1.der"),
    include_bytes!("roots/amazon-2.der"),
    include_bytes!("roots/amazon-3.der"),
    include_bytes!("roots/amazon-4.der"),
    include_bytes!("roots/starfield-g2.der"),
];

/// Returns the root certificates of AWS.
#[must_use]
pub fn amazon_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(AMAZON_ROOTS.map(CertificateDer::from));
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
    use ring::digest::{SHA256, digest};

    use super::*;

    /// The SHA-256 digests of the certificates, as Amazon publishes them.
    const PUBLISHED: [&str; 5] = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];

    #[test]
    fn the_certificates_are_those_of_amazon() {
        let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));

        let found = AMAZON_ROOTS.map(|certificate| hex(digest(&SHA256, certificate).as_ref()));

        assert_eq!(found, PUBLISHED);
    }

    #[test]
    fn every_certificate_can_be_used() {
        assert_eq!(amazon_roots().len(), AMAZON_ROOTS.len());
    }
}
