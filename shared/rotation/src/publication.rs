//! The publication of public keys, which comes before a key set is replaced.

use std::future::Future;

use auth::{
    error::StoreError,
    keys::{PublishKeys, ReadKeySet, ReadPublicKeys, ReplaceError},
};
use claims::{Access, InvalidKeySet, KeySet, Refresh, TokenKind};

/// Publishes the public keys of key sets for tokens of kind `K`, if anyone other than the issuer verifies these tokens.
pub trait PublishKeySet<K: TokenKind>: Sync {
    /// Publishes the public keys of this set in place of the previous ones.
    fn publish_key_set(&self, set: &KeySet<K>) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Checks whether the public keys of a key set are published. If they need not be published, the check succeeds.
pub trait ConfirmKeySet<K: TokenKind>: Sync {
    /// Returns whether the public keys of exactly this set are published.
    fn is_published(&self, set: &KeySet<K>) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Publishes the public keys for access tokens, because authorizers and other APIs verify these tokens.
impl<P: PublishKeys> PublishKeySet<Access> for P {
    async fn publish_key_set(&self, set: &KeySet<Access>) -> Result<(), StoreError> {
        self.publish(&set.jwks()).await
    }
}

impl<P: ReadPublicKeys> ConfirmKeySet<Access> for P {
    async fn is_published(&self, set: &KeySet<Access>) -> Result<bool, StoreError> {
        Ok(self.public_keys().await? == Some(set.jwks().to_json()))
    }
}

/// The publisher for the keys of refresh tokens. It publishes nothing, because only the issuer verifies these tokens.
/// The keys of access tokens must be published, so using `NotPublished` for them does not compile:
///
/// ```compile_fail,E0277
/// # async fn change(keys: &doubles::MemorySecret) {
/// rotation::publish_current::<claims::Access>(keys, &rotation::NotPublished).await;
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NotPublished;

impl PublishKeySet<Refresh> for NotPublished {
    async fn publish_key_set(&self, _: &KeySet<Refresh>) -> Result<(), StoreError> {
        Ok(())
    }
}

impl ConfirmKeySet<Refresh> for NotPublished {
    async fn is_published(&self, _: &KeySet<Refresh>) -> Result<bool, StoreError> {
        Ok(true)
    }
}

/// Why the public keys of the current key set were not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The current key set is invalid.
    #[error(transparent)]
    Invalid(#[from] InvalidKeySet),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Publishes the public keys of the current key set again, for example because their table was lost.
///
/// # Errors
/// If the key set is invalid, or a store fails.
pub async fn publish_current<K: TokenKind>(
    keys: &impl ReadKeySet,
    public_keys: &impl PublishKeySet<K>,
) -> Result<(), PublishError> {
    let current = keys.current().await?;
    let set = KeySet::from_json(&current.text)?;
    Ok(public_keys.publish_key_set(&set).await?)
}

/// Publishes the public keys of `next`, and only then runs `replacement`, which makes `next` current. Every change of a
/// key set uses this function. If the keys cannot be published, the key set is not replaced.
///
/// # Errors
/// If the keys cannot be published, or the replacement fails. After a failed replacement, the keys of `next` stay
/// published.
pub(crate) async fn publish_and_replace<K: TokenKind>(
    next: &KeySet<K>,
    public_keys: &impl PublishKeySet<K>,
    replacement: impl Future<Output = Result<(), ReplaceError>> + Send,
) -> Result<(), ReplaceError> {
    public_keys.publish_key_set(next).await?;
    replacement.await
}
