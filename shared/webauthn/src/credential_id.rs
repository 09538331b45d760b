//! Credential ids.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The maximum length of a credential id in bytes (L3 s7.1, step 25).
pub const MAX_CREDENTIAL_ID: usize = 1023;

/// The id of a credential: 1 to 1023 bytes that the authenticator chose (L3 s4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// Makes a credential id. Returns `None` if `bytes` is empty or longer than 1023 bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (1..=MAX_CREDENTIAL_ID).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// Returns the bytes of the id.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the id in base64url, as clients write it.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }
}
