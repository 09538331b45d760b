//! Why a token cannot be signed.

/// Why a token cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// No key of the set is active yet.
    #[error("no key is active at the token's time of issue")]
    NoActiveKey,
    /// The claims cannot be written as JSON.
    #[error("the claims cannot be written as JSON")]
    Malformed,
    /// The token would be longer than `limit` bytes.
    #[error("the token would be longer than {limit} bytes")]
    TooLong {
        /// The maximum length of a token of its kind in bytes.
        limit: usize,
    },
    /// The key refused to sign, or could not be reached.
    #[error("the key did not sign")]
    Refused,
}
