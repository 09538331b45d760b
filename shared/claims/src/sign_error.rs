//! Why a token cannot be signed.

/// Why a token cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// No key of the set is active at the token's time of issue.
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
    /// The key could not sign.
    #[error("the key could not sign")]
    Refused,
}
