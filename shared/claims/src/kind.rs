//! The kinds of token, and in one table everything that tells them apart.

use jsonwebtoken::Algorithm;
use serde::{Serialize, de::DeserializeOwned};

use crate::{AccessClaims, DeviceClaims, RefreshClaims, Seconds};

/// A token that an API accepts in place of credentials (RFC 6749 s1.4, RFC 9068).
#[derive(Debug)]
pub enum Access {}

/// A token that obtains the next access token (RFC 6749 s1.5).
#[derive(Debug)]
pub enum Refresh {}

/// A token by which a device is known again at the next login. It authenticates nobody.
#[derive(Debug)]
pub enum Device {}

/// What differs between the kinds of token (RFC 8725 s3.12: mutually exclusive rules).
///
/// | | access | refresh | device |
/// |---|---|---|---|
/// | `typ` | `at+jwt` (RFC 9068 s2.1) | `rt+jwt` | `dt+jwt` |
/// | longest token, bytes | 2,048 | 740, so that its cookie stays within 768 | 1,024 |
/// | longest life that can be configured | 1 hour | 90 days | 180 days, always |
/// | key set | its own | its own | that of refresh tokens |
/// | algorithms | RS256, ES256, EdDSA, HS256 | HS256 | HS256 |
/// | audience | the API's | the issuer itself | the issuer, for devices |
/// | belongs to a session: has a `sid` | yes | yes | no |
/// | claims of its own | [`AccessClaims`] | [`RefreshClaims`] | [`DeviceClaims`] |
pub trait TokenKind: sealed::Sealed + Sized + 'static {
    /// The kind after which the key set is named that signs tokens of this kind.
    type Keys: TokenKind;
    /// The `typ` header (RFC 8725 s3.11), as it is issued. It is read in either case, and with `application/` before it.
    const TYP: &str;
    /// The longest token of this kind in bytes; longer ones are neither issued nor looked at.
    const MAX_LENGTH: usize;
    /// The longest that a token of this kind can be made to live.
    const MAX_LIFE: Seconds;
    /// The longest that any token lives which the key set of this name signs. A key is accepted for as long after it was
    /// last used.
    const MAX_USE: Seconds = Self::MAX_LIFE;
    /// The algorithms that a key of this kind may have.
    const ALGORITHMS: &[Algorithm];
    /// Whether a token of this kind belongs to a session, which its own claims name as `sid`.
    const HAS_SESSION: bool;
    /// The claims beside the registered ones.
    type Claims: Serialize + DeserializeOwned + Clone + std::fmt::Debug + Send + Sync;
}

impl TokenKind for Access {
    type Keys = Self;
    const TYP: &str = "at+jwt";
    const MAX_LENGTH: usize = 2048;
    const MAX_LIFE: Seconds = Seconds::new(60 * 60);
    const ALGORITHMS: &[Algorithm] = &[Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256];
    const HAS_SESSION: bool = true;
    type Claims = AccessClaims;
}

impl TokenKind for Refresh {
    type Keys = Self;
    const TYP: &str = "rt+jwt";
    const MAX_LENGTH: usize = 740;
    const MAX_LIFE: Seconds = Seconds::new(90 * 24 * 60 * 60);
    const MAX_USE: Seconds = Device::MAX_LIFE;
    const ALGORITHMS: &[Algorithm] = &[Algorithm::HS256];
    const HAS_SESSION: bool = true;
    type Claims = RefreshClaims;
}

impl TokenKind for Device {
    type Keys = Refresh;
    const TYP: &str = "dt+jwt";
    const MAX_LENGTH: usize = 1024;
    const MAX_LIFE: Seconds = Seconds::new(180 * 24 * 60 * 60);
    const ALGORITHMS: &[Algorithm] = Refresh::ALGORITHMS;
    const HAS_SESSION: bool = false;
    type Claims = DeviceClaims;
}

mod sealed {
    /// Keeps [`super::TokenKind`] to the kinds of this file.
    pub trait Sealed {}
    impl Sealed for super::Access {}
    impl Sealed for super::Refresh {}
    impl Sealed for super::Device {}
}
