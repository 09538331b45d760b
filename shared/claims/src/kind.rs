//! The two kinds of token, and in one table everything that tells them apart.

use jsonwebtoken::Algorithm;
use serde::{Serialize, de::DeserializeOwned};

use crate::{AccessClaims, RefreshClaims, Seconds};

/// A token that an API accepts in place of credentials (RFC 6749 s1.4, RFC 9068).
#[derive(Debug)]
pub enum Access {}

/// A token that obtains the next access token (RFC 6749 s1.5).
#[derive(Debug)]
pub enum Refresh {}

/// What differs between access and refresh tokens (RFC 8725 s3.12: mutually exclusive rules).
///
/// | | access | refresh |
/// |---|---|---|
/// | `typ` | `at+jwt` (RFC 9068 s2.1) | `rt+jwt` |
/// | longest token, bytes | 2,048 | 740, so that its cookie stays within 768 |
/// | longest life that can be configured | 1 hour | 90 days |
/// | algorithms | RS256, ES256, EdDSA, HS256 | HS256 |
/// | audience | the API's | the issuer itself |
/// | claims of its own | [`AccessClaims`] | [`RefreshClaims`] |
pub trait TokenKind: sealed::Sealed + Sized + 'static {
    /// The `typ` header (RFC 8725 s3.11).
    const TYP: &str;
    /// The longest token of this kind in bytes; longer ones are neither issued nor looked at.
    const MAX_LENGTH: usize;
    /// The longest that a token of this kind can be made to live. A key is accepted for as long after it was last used.
    const LONGEST_LIFE: Seconds;
    /// The algorithms that a key of this kind may have.
    const ALGORITHMS: &[Algorithm];
    /// The claims beside the registered ones.
    type Claims: Serialize + DeserializeOwned + Clone + std::fmt::Debug + Send + Sync;
}

impl TokenKind for Access {
    const TYP: &str = "at+jwt";
    const MAX_LENGTH: usize = 2048;
    const LONGEST_LIFE: Seconds = Seconds::new(60 * 60);
    const ALGORITHMS: &[Algorithm] = &[Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256];
    type Claims = AccessClaims;
}

impl TokenKind for Refresh {
    const TYP: &str = "rt+jwt";
    const MAX_LENGTH: usize = 740;
    const LONGEST_LIFE: Seconds = Seconds::new(90 * 24 * 60 * 60);
    const ALGORITHMS: &[Algorithm] = &[Algorithm::HS256];
    type Claims = RefreshClaims;
}

mod sealed {
    /// Keeps [`super::TokenKind`] to the two kinds of this file.
    pub trait Sealed {}
    impl Sealed for super::Access {}
    impl Sealed for super::Refresh {}
}
