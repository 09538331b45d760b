//! User handles.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The maximum length of a user handle in bytes (L3 s5.4.3).
pub const MAX_USER_HANDLE: usize = 64;

/// What an authenticator stores to identify the user: 1 to 64 bytes without personal data (L3 s14.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserHandle(Vec<u8>);

impl UserHandle {
    /// Makes a user handle. Returns `None` if `bytes` is empty or longer than 64 bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (1..=MAX_USER_HANDLE).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// Returns the bytes of the handle.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the handle in base64url, as clients write it.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }
}
