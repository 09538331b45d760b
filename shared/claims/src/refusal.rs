//! Why a token is refused: one reason per check, for the log; the caller learns only that it was.

use crate::{Check, KeyId};

/// The check that a token failed, in the order in which the checks are made.
///
/// [`Refusal::reason`] is its stable name in logs and metrics.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Longer than a token of its kind can be.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of unpadded base64url (RFC 7515 s3.1).
    #[error("the token is not three base64url parts")]
    NotCompact,
    /// The header is not a JSON object, names a member twice, or has one of another type than the standard's (RFC 7515
    /// s4).
    #[error("the header is not a JSON object with distinct members of the right types")]
    MalformedHeader,
    /// The `typ` header is another kind's, or absent (RFC 8725 s3.11).
    #[error("the typ header is not that of this kind of token")]
    WrongType,
    /// No `kid` header, so no key can be chosen.
    #[error("the header has no kid")]
    NoKeyId,
    /// The key set has no such key.
    #[error("no key {0} in the key set")]
    UnknownKey(KeyId),
    /// The `alg` header is not the algorithm of the key (RFC 8725 s3.1).
    #[error("the alg header is not the key's algorithm")]
    WrongAlgorithm,
    /// The header asks for an extension, or for something that is never followed (RFC 7515 s4.1.11).
    #[error("the header has a member that is refused")]
    ForbiddenHeader,
    /// The signature is not this key's over these bytes.
    #[error("the signature does not verify")]
    BadSignature,
    /// The claims are not a JSON object, or name a member twice (RFC 7519 s4).
    #[error("the claims are not a JSON object with distinct members")]
    MalformedClaims,
    /// No `iss` claim that is one string.
    #[error("the claims have no issuer")]
    NoIssuer,
    /// The `iss` claim is not ours (RFC 7519 s4.1.1).
    #[error("the token is another issuer's")]
    WrongIssuer,
    /// No `aud` claim that is one string or several.
    #[error("the claims have no audience")]
    NoAudience,
    /// The `aud` claim does not name us (RFC 7519 s4.1.3).
    #[error("the token is for another audience")]
    WrongAudience,
    /// No `exp` claim that is a date in whole seconds.
    #[error("the claims have no date of expiry")]
    NoExpiry,
    /// The `nbf` claim is there, but no date in whole seconds.
    #[error("the nbf claim is not a date")]
    MalformedNotBefore,
    /// No `iat` claim that is a date in whole seconds.
    #[error("the claims have no date of issue")]
    NoIssueTime,
    /// The `exp` claim has passed (RFC 7519 s4.1.4).
    #[error("the token has expired")]
    Expired,
    /// The `nbf` claim has not been reached (RFC 7519 s4.1.5).
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The `iat` claim lies in the future.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// No `sub` claim that is a name.
    #[error("the claims have no subject")]
    NoSubject,
    /// No `sid` claim that is a name.
    #[error("the claims have no session")]
    NoSessionId,
    /// No `jti` claim that is a name.
    #[error("the claims have no token id")]
    NoTokenId,
    /// Of the claims that only this kind of token has, one is missing or malformed.
    #[error("the claims of this kind of token are malformed")]
    MalformedOwnClaims,
}

impl Refusal {
    /// Whether one of our keys signed the token. What is refused before its signature was checked can be anybody's.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.check() > Check::Signature
    }

    /// The stable name of this reason in logs and metrics.
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
