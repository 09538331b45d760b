//! What is needed of keys, wherever they are kept.

use std::future::Future;

use claims::{Draft, Jwks, Seconds, SignError, SignedToken, Timestamp, TokenKind};
use zeroize::Zeroizing;

use crate::error::StoreError;

/// Publishes the public keys to every authorizer.
///
/// Law: what was published is in every read that starts after it returned.
pub trait PublishKeys: Sync {
    /// Publishes this set in place of the one before.
    fn publish(&self, jwks: &Jwks) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads the public keys.
pub trait ReadPublicKeys: Send + Sync {
    /// The set that was published last, as JSON, read consistently; nothing before the first.
    fn public_keys(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;
}

/// Signs tokens of kind `K` with the key that is the newest active one at their time of issue.
///
/// Law: the same draft gives the same token, byte for byte, as long as the key that was active then is in the set.
pub trait Signer<K: TokenKind>: Sync {
    /// Whether there is a key for what is issued at `at`, by what is known here and now.
    ///
    /// # Errors
    /// When no key was active then.
    fn ready(&self, at: Timestamp) -> Result<(), SignError>;

    /// Signs a draft.
    fn sign(&self, draft: &Draft<K>) -> impl Future<Output = Result<SignedToken<K>, SignError>> + Send;
}

/// Reads the text of a secret: a key set, or the key of pseudonyms.
///
/// Law: what it gives is what was written last, or was within the time that its source takes to spread it.
pub trait ReadSecret: Send + Sync {
    /// How old a copy of it may be before it is read anew.
    fn poll(&self) -> Seconds;

    /// The text as it is now.
    fn read(&self) -> impl Future<Output = Result<Zeroizing<String>, StoreError>> + Send;
}

/// One version of a key set's text.
#[derive(Debug)]
pub struct KeySetVersion {
    /// Its id.
    pub id: String,
    /// The text.
    pub text: Zeroizing<String>,
}

/// Keeps the versions of a key set; what its rotation needs, and an operator whose key has leaked. Exactly one version is
/// current.
///
/// Laws: a version is written once and never changes; of two that are promoted from the same one, one is.
pub trait KeySetVersions: Sync {
    /// The current version.
    fn current(&self) -> impl Future<Output = Result<KeySetVersion, StoreError>> + Send;

    /// The text of the version of this id that waits to become current, if there is one.
    fn pending(&self, id: &str) -> impl Future<Output = Result<Option<Zeroizing<String>>, StoreError>> + Send;

    /// Adds a version that waits; one of this id that is there already is left as it is.
    fn put_pending(&self, id: &str, text: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Makes the version that waits current in the place of `from`, or nothing if that is not current.
    fn promote(&self, id: &str, from: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lets a version wait no longer.
    fn discard(&self, id: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}
