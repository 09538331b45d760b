//! The checks of a token, in the order in which they are made.

use crate::Refusal;

/// Declares the checks.
macro_rules! checks {
    ($($(#[$doc:meta])* $check:ident,)+) => {
        /// A check of a token. If one fails, the later ones are not made.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Check {
            $($(#[$doc])* $check,)+
        }

        impl Check {
            /// Every check, in the order in which they are made.
            pub const ALL: &[Self] = &[$(Self::$check),+];
        }
    };
}

checks! {
    /// The token is not longer than the limit of its kind.
    Length,
    /// The token consists of three parts in base64url (RFC 7515 s3.1).
    Encoding,
    /// The header is valid JSON.
    Header,
    /// The `typ` header is that of the expected kind of token (RFC 8725 s3.11).
    Type,
    /// The `kid` header is present and is a valid key id.
    KeyId,
    /// The key set has the key that `kid` names, and the key has not retired.
    KnownKey,
    /// The `alg` header is the key's algorithm (RFC 8725 s3.1).
    Algorithm,
    /// The header has no forbidden member.
    OtherHeaders,
    /// The signature was made with the key.
    Signature,
    /// The claims are valid JSON.
    Claims,
    /// The issuer is the expected one.
    Issuer,
    /// The audience includes the expected one.
    Audience,
    /// The `exp` and `iat` claims, and `nbf` if present, are valid times.
    Dates,
    /// The token has not expired.
    Expiry,
    /// The time in `nbf`, if present, has been reached.
    NotBefore,
    /// The token was not issued in the future.
    IssueTime,
    /// The `sub` and `jti` claims, and the further claims of this kind of token, are valid.
    OwnClaims,
}

impl Refusal {
    /// Returns the check that the token failed.
    #[must_use]
    pub const fn check(&self) -> Check {
        match self {
            Self::TooLong => Check::Length,
            Self::NotCompact => Check::Encoding,
            Self::MalformedHeader => Check::Header,
            Self::WrongType => Check::Type,
            Self::NoKeyId => Check::KeyId,
            Self::UnknownKey(_) => Check::KnownKey,
            Self::WrongAlgorithm => Check::Algorithm,
            Self::ForbiddenHeader => Check::OtherHeaders,
            Self::BadSignature => Check::Signature,
            Self::MalformedClaims => Check::Claims,
            Self::NoIssuer | Self::WrongIssuer => Check::Issuer,
            Self::NoAudience | Self::WrongAudience => Check::Audience,
            Self::NoExpiry | Self::MalformedNotBefore | Self::NoIssueTime => Check::Dates,
            Self::Expired => Check::Expiry,
            Self::NotYetValid => Check::NotBefore,
            Self::IssuedInFuture => Check::IssueTime,
            Self::NoSubject | Self::NoSessionId | Self::NoTokenId | Self::MalformedOwnClaims => Check::OwnClaims,
        }
    }
}
