//! The kinds of token, and all their differences in one table.

use jsonwebtoken::Algorithm;
use serde::Serialize;

use crate::{AccessClaims, DeviceClaims, LinkClaims, RefreshClaims, SecondClaims, Span, claims::OwnClaims};

/// A token that an API accepts in place of credentials (RFC 6749 s1.4, RFC 9068).
#[derive(Debug)]
pub enum Access {}

/// A token with which a client obtains the next access token (RFC 6749 s1.5).
#[derive(Debug)]
pub enum Refresh {}

/// A token that identifies a known device at the next login. It does not authenticate the user.
#[derive(Debug)]
pub enum Device {}

/// A token in the link of a mail. Its holder can read the mailbox that the mail was sent to. By itself it does
/// nothing: it is accepted only together with a password that a person types.
#[derive(Debug)]
pub enum Link {}

/// A token between the two steps of a login. Its holder knows the password. By itself it does nothing: it is accepted
/// only together with a second factor.
#[derive(Debug)]
pub enum Second {}

/// The differences between the kinds of token (RFC 8725 s3.12: mutually exclusive rules).
///
/// | | access | refresh | device | link | second step |
/// |---|---|---|---|---|---|
/// | `typ` | `at+jwt` (RFC 9068 s2.1) | `rt+jwt` | `dt+jwt` | `lt+jwt` | `st+jwt` |
/// | maximum length in bytes | 2,125 | 740, so that its cookie stays within 768 | 1,024 | 1,536 | 2,560 |
/// | maximum lifetime | 1 hour | 90 days | 180 days | 31 days | 5 minutes |
/// | key set | its own | its own | that of refresh tokens | that of refresh tokens | that of refresh tokens |
/// | algorithms | RS256, ES256, EdDSA, HS256 | HS256 | HS256 | HS256 | HS256 |
/// | audience | the API | the issuer | the issuer, with `#device` | the issuer, with `#link` | the issuer, with `#second` |
/// | belongs to a session, and has a `sid` | yes | yes | no | no | yes |
/// | claims of its own | [`AccessClaims`] | [`RefreshClaims`] | [`DeviceClaims`] | [`LinkClaims`] | [`SecondClaims`] |
pub trait TokenKind: sealed::Sealed + Sized + 'static {
    /// The kind whose key set signs tokens of this kind.
    type Keys: TokenKind;
    /// The `typ` header (RFC 8725 s3.11) of issued tokens. A verifier ignores its case and a preceding `application/`.
    const TYP: &str;
    /// The maximum length of a token of this kind in bytes. Longer ones are neither issued nor verified.
    const MAX_LENGTH: usize;
    /// The maximum lifetime of tokens of this kind. No deployment can configure a longer one.
    const MAX_LIFE: Span;
    /// The maximum lifetime of any token that is signed with the key set of this kind. A key has to be accepted for
    /// this long after its last signature.
    const MAX_USE: Span = Self::MAX_LIFE;
    /// The algorithms that keys of this kind may have.
    const ALGORITHMS: &[Algorithm];
    /// Whether a token of this kind belongs to a session. If so, it has a `sid` claim.
    const HAS_SESSION: bool;
    /// The claims that this kind of token has in addition to those of every kind.
    type Claims: OwnClaims + Serialize + Clone + std::fmt::Debug + Send + Sync;
}

impl TokenKind for Access {
    type Keys = Self;
    const TYP: &str = "at+jwt";
    const MAX_LENGTH: usize = 2125;
    const MAX_LIFE: Span = Span::seconds(60 * 60);
    const ALGORITHMS: &[Algorithm] = &[Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256];
    const HAS_SESSION: bool = true;
    type Claims = AccessClaims;
}

impl TokenKind for Refresh {
    type Keys = Self;
    const TYP: &str = "rt+jwt";
    const MAX_LENGTH: usize = 740;
    const MAX_LIFE: Span = Span::seconds(90 * 24 * 60 * 60);
    const MAX_USE: Span = Device::MAX_LIFE;
    const ALGORITHMS: &[Algorithm] = &[Algorithm::HS256];
    const HAS_SESSION: bool = true;
    type Claims = RefreshClaims;
}

impl TokenKind for Device {
    type Keys = Refresh;
    const TYP: &str = "dt+jwt";
    const MAX_LENGTH: usize = 1024;
    const MAX_LIFE: Span = Span::seconds(180 * 24 * 60 * 60);
    const ALGORITHMS: &[Algorithm] = Refresh::ALGORITHMS;
    const HAS_SESSION: bool = false;
    type Claims = DeviceClaims;
}

impl TokenKind for Link {
    type Keys = Refresh;
    const TYP: &str = "lt+jwt";
    const MAX_LENGTH: usize = 1536;
    const MAX_LIFE: Span = Span::seconds(31 * 24 * 60 * 60);
    const ALGORITHMS: &[Algorithm] = Refresh::ALGORITHMS;
    const HAS_SESSION: bool = false;
    type Claims = LinkClaims;
}

impl TokenKind for Second {
    type Keys = Refresh;
    const TYP: &str = "st+jwt";
    const MAX_LENGTH: usize = 2560;
    const MAX_LIFE: Span = Span::seconds(5 * 60);
    const ALGORITHMS: &[Algorithm] = Refresh::ALGORITHMS;
    const HAS_SESSION: bool = true;
    type Claims = SecondClaims;
}

mod sealed {
    /// Restricts [`super::TokenKind`] to the kinds in this file.
    pub trait Sealed {}
    impl Sealed for super::Access {}
    impl Sealed for super::Refresh {}
    impl Sealed for super::Device {}
    impl Sealed for super::Link {}
    impl Sealed for super::Second {}
}
