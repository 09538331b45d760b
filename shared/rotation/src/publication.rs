//! The publication of public keys and of the schedule of all keys, which comes before a key set is replaced.

use std::future::Future;

use auth::{
    error::StoreError,
    keys::{PublishKeys, PublishSchedule, ReadKeySet, ReadPublicKeys, ReadSchedule, ReplaceError},
};
use claims::{Access, InvalidKeySet, KeySet, Refresh, TokenKind};

/// Publishes what others may know of key sets for tokens of kind `K`.
pub trait PublishKeySet<K: TokenKind>: Sync {
    /// Publishes what others may know of this set in place of what they knew of the previous one.
    fn publish_key_set(&self, set: &KeySet<K>) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Checks whether what others may know of a key set is published.
pub trait ConfirmKeySet<K: TokenKind>: Sync {
    /// Returns whether what others may know of exactly this set is published.
    fn is_published(&self, set: &KeySet<K>) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Publishes the public keys for access tokens, because authorizers and other APIs verify these tokens, and the schedule
/// of the keys.
impl<P: PublishKeys + PublishSchedule> PublishKeySet<Access> for P {
    async fn publish_key_set(&self, set: &KeySet<Access>) -> Result<(), StoreError> {
        self.publish(&set.jwks()).await?;
        self.publish_schedule::<Access>(&set.schedule()).await
    }
}

impl<P: ReadPublicKeys + ReadSchedule> ConfirmKeySet<Access> for P {
    async fn is_published(&self, set: &KeySet<Access>) -> Result<bool, StoreError> {
        Ok(self.public_keys().await? == Some(set.jwks().to_json())
            && self.schedule::<Access>().await? == Some(set.schedule()))
    }
}

/// Publishes only the schedule of the keys for refresh tokens, because only the issuer verifies these tokens.
impl<P: PublishSchedule> PublishKeySet<Refresh> for P {
    async fn publish_key_set(&self, set: &KeySet<Refresh>) -> Result<(), StoreError> {
        self.publish_schedule::<Refresh>(&set.schedule()).await
    }
}

impl<P: ReadSchedule> ConfirmKeySet<Refresh> for P {
    async fn is_published(&self, set: &KeySet<Refresh>) -> Result<bool, StoreError> {
        Ok(self.schedule::<Refresh>().await? == Some(set.schedule()))
    }
}

/// Why nothing was published of the current key set.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The current key set is invalid.
    #[error(transparent)]
    Invalid(#[from] InvalidKeySet),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Publishes the public keys and the schedule of the current key set again, for example because their table was lost.
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

/// Publishes what others may know of `next`, and only then runs `replacement`, which makes `next` current. Every change
/// of a key set uses this function. If nothing can be published, the key set is not replaced.
///
/// # Errors
/// If the publication or the replacement fails. After a failed replacement, the keys of `next` stay published.
pub(crate) async fn publish_and_replace<K: TokenKind>(
    next: &KeySet<K>,
    public_keys: &impl PublishKeySet<K>,
    replacement: impl Future<Output = Result<(), ReplaceError>> + Send,
) -> Result<(), ReplaceError> {
    public_keys.publish_key_set(next).await?;
    replacement.await
}
