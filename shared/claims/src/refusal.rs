//! Why a token is refused. The reason is for the log; the caller only learns that the token was refused.

use crate::{Check, KeyId};

/// Why a token is refused. The variants are in the order of the checks.
///
/// [`Refusal::reason`] returns the stable name of a refusal in logs and metrics.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The token is longer than the limit of its kind.
    #[error("the token is too long")]
    TooLong,
    /// The token is not three parts of unpadded base64url (RFC 7515 s3.1).
    #[error("the token is not three base64url parts")]
    NotCompact,
    /// The header is not a JSON object, repeats a member's name, or has a member of the wrong type (RFC 7515 s4).
    #[error("the header is not a JSON object with distinct names of the right types")]
    MalformedHeader,
    /// The `typ` header is missing, or is that of another kind of token (RFC 8725 s3.11).
    #[error("the typ header is not that of this kind of token")]
    WrongType,
    /// The `kid` header is missing or invalid, so no key can be chosen.
    #[error("the kid header is missing or invalid")]
    NoKeyId,
    /// The key set has no key with this `kid`, or the key has retired.
    #[error("no key {0} in the key set")]
    UnknownKey(KeyId),
    /// The `alg` header is not the key's algorithm (RFC 8725 s3.1).
    #[error("the alg header is not the key's algorithm")]
    WrongAlgorithm,
    /// The header has a forbidden member, such as `crit` (RFC 7515 s4.1.11).
    #[error("the header has a forbidden member")]
    ForbiddenHeader,
    /// The signature does not match this header and these claims, or was not made with the key that the header names.
    #[error("the signature is invalid")]
    BadSignature,
    /// The claims are not a JSON object, or repeat a member's name (RFC 7519 s4).
    #[error("the claims are not a JSON object with distinct names")]
    MalformedClaims,
    /// The `iss` claim is missing or is not a string.
    #[error("the iss claim is missing or invalid")]
    NoIssuer,
    /// The `iss` claim is not the expected issuer (RFC 7519 s4.1.1).
    #[error("the iss claim is not the expected issuer")]
    WrongIssuer,
    /// The `aud` claim is missing, or is neither a string nor an array of strings.
    #[error("the aud claim is missing or invalid")]
    NoAudience,
    /// The `aud` claim does not contain the expected audience (RFC 7519 s4.1.3).
    #[error("the aud claim does not contain the expected audience")]
    WrongAudience,
    /// The `exp` claim is missing or is not a time in whole seconds.
    #[error("the exp claim is missing or not a time in whole seconds")]
    NoExpiry,
    /// The `nbf` claim is present, but is not a time in whole seconds.
    #[error("the nbf claim is not a time in whole seconds")]
    MalformedNotBefore,
    /// The `iat` claim is missing or is not a time in whole seconds.
    #[error("the iat claim is missing or not a time in whole seconds")]
    NoIssueTime,
    /// The time in `exp`, plus the leeway, has passed (RFC 7519 s4.1.4).
    #[error("the token has expired")]
    Expired,
    /// The time in `nbf` lies in the future by more than the leeway (RFC 7519 s4.1.5).
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The time in `iat` lies in the future by more than the leeway.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// The `sub` claim is missing or is not a valid identifier.
    #[error("the sub claim is missing or invalid")]
    NoSubject,
    /// The `sid` claim is missing or is not a valid identifier.
    #[error("the sid claim is missing or invalid")]
    NoSessionId,
    /// The `jti` claim is missing or is not a valid identifier.
    #[error("the jti claim is missing or invalid")]
    NoTokenId,
    /// A further claim of this kind of token is missing or malformed.
    #[error("the claims of this kind of token are malformed")]
    MalformedOwnClaims,
}

impl Refusal {
    /// Returns whether the token has a valid signature by the issuer. A token that failed the check of its signature
    /// or an earlier check may come from anyone.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.check() > Check::Signature
    }

    /// Returns the stable name of this refusal in logs and metrics.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::NotCompact => "not_compact",
            Self::MalformedHeader => "malformed_header",
            Self::WrongType => "wrong_type",
            Self::NoKeyId => "no_key_id",
            Self::UnknownKey(_) => "unknown_key",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::ForbiddenHeader => "forbidden_header",
            Self::BadSignature => "bad_signature",
            Self::MalformedClaims => "malformed_claims",
            Self::NoIssuer => "no_issuer",
            Self::WrongIssuer => "wrong_issuer",
            Self::NoAudience => "no_audience",
            Self::WrongAudience => "wrong_audience",
            Self::NoExpiry => "no_expiry",
            Self::MalformedNotBefore => "malformed_not_before",
            Self::NoIssueTime => "no_issue_time",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedInFuture => "issued_in_future",
            Self::NoSubject => "no_subject",
            Self::NoSessionId => "no_session_id",
            Self::NoTokenId => "no_token_id",
            Self::MalformedOwnClaims => "malformed_own_claims",
        }
    }
}
