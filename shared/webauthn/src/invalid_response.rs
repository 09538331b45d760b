//! Why JSON is not a response of a client. Such a response comes from a faulty client, and is refused before any check.

/// Why JSON is not a response of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidResponse {
    /// The bytes are not a JSON object, a member is missing or has the wrong type, or a known member is repeated.
    #[error("the response is not a JSON object with the members of a public-key credential")]
    NotJson,
    /// The `type` is not `public-key`.
    #[error("the type of the response is not public-key")]
    OtherType,
    /// The named member is not base64url without padding.
    #[error("{0} is not base64url without padding")]
    NotBase64(&'static str),
    /// The named member is longer than any client makes it.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// The id is empty or has more than 1023 bytes.
    #[error("rawId must have 1 to 1023 bytes")]
    InvalidId,
    /// The members `id` and `rawId` differ.
    #[error("id and rawId differ")]
    IdsDiffer,
    /// The user handle is empty or has more than 64 bytes.
    #[error("response.userHandle must have 1 to 64 bytes")]
    InvalidUserHandle,
}
