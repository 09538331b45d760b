//! The checks of a token, in the order in which they are made.

use crate::Refusal;

/// Declares the checks.
macro_rules! checks {
    ($($(#[$doc:meta])* $check:ident,)+) => {
        /// A check of a token. One that comes later is not made where an earlier one fails.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Check {
            $($(#[$doc])* $check,)+
        }

        impl Check {
            /// Every check, in this order.
            pub const ALL: &[Self] = &[$(Self::$check),+];
        }
    };
}

checks! {
    /// How long it is.
    Length,
    /// What it is written with (RFC 7515 s3.1).
    Encoding,
    /// That its header can be read.
    Header,
    /// Of which kind it is (RFC 8725 s3.11).
    Type,
    /// That it names a key.
    KeyId,
    /// That this key is one of ours.
    KnownKey,
    /// That it is signed as its key signs (RFC 8725 s3.1).
    Algorithm,
    /// That its header asks for nothing else.
    OtherHeaders,
    /// That its key signed it.
    Signature,
    /// That its claims can be read.
    Claims,
    /// Who issued it.
    Issuer,
    /// For whom it is.
    Audience,
    /// That it says from when to when it is good.
    Dates,
    /// That it is still good.
    Expiry,
    /// That it is good already.
    NotBefore,
    /// That it was not issued in the future.
    IssueTime,
    /// The claims that only its kind has.
    OwnClaims,
}

impl Refusal {
    /// The check that the token failed.
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
