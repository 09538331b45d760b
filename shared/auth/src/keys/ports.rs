//! The ports to keys.

use std::future::Future;

use claims::{Draft, Jwks, KeySchedule, SignError, SignedToken, Span, Timestamp, TokenKind};
use zeroize::Zeroizing;

use crate::error::StoreError;

/// Publishes the public keys to every authorizer.
///
/// Law: every read that starts after a publication is complete sees the published set.
pub trait PublishKeys: Sync {
    /// Publishes this set in place of the previous one.
    fn publish(&self, jwks: &Jwks) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads the public keys.
pub trait ReadPublicKeys: Send + Sync {
    /// Returns the last published set as JSON, read consistently, or `None` if none has been published.
    fn public_keys(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;
}

/// Publishes when the keys of a set are used. An operator can then see it without being able to read the keys.
///
/// Law: every read that starts after a publication is complete sees the schedule that was published last for this kind
/// of token.
pub trait PublishSchedule: Sync {
    /// Publishes the schedule of the keys that sign tokens of kind `K`, in place of the previous one.
    fn publish_schedule<K: TokenKind>(
        &self,
        schedule: &KeySchedule,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads when the keys of a set are used.
pub trait ReadSchedule: Sync {
    /// Returns the schedule that was published last for the keys of tokens of kind `K`, read consistently, or `None` if
    /// none has been published.
    fn schedule<K: TokenKind>(&self) -> impl Future<Output = Result<Option<KeySchedule>, StoreError>> + Send;
}

/// Signs tokens of kind `K` with the newest key that is active at their time of issue.
///
/// Law: the same draft gives the same token, byte for byte, as long as the key that was active at its time of issue is
/// in the set.
pub trait Signer<K: TokenKind>: Sync {
    /// Checks that a key is active at `at`, so that a token issued at that time can be signed. The keys are not read
    /// again for this.
    ///
    /// # Errors
    /// If no key is active at that time.
    fn ready(&self, at: Timestamp) -> Result<(), SignError>;

    /// Signs a draft.
    fn sign(&self, draft: &Draft<K>) -> impl Future<Output = Result<SignedToken<K>, SignError>> + Send;
}

/// Reads a secret: a key set, the pseudonym key, or the keys of the proxy.
///
/// Law: a read returns the last written value, or an older one while the source is still propagating the change.
pub trait ReadSecret: Send + Sync {
    /// Returns the age of a copy at which the secret is read again.
    fn poll(&self) -> Span;

    /// Returns the current value.
    fn read(&self) -> impl Future<Output = Result<Zeroizing<String>, StoreError>> + Send;
}

/// One version of a key set.
#[derive(Debug)]
pub struct KeySetVersion {
    /// The id of the version.
    pub id: String,
    /// The key set as text.
    pub text: Zeroizing<String>,
}

/// Reads the current version of a key set.
pub trait ReadKeySet: Sync {
    /// Returns the current version.
    fn current(&self) -> impl Future<Output = Result<KeySetVersion, StoreError>> + Send;
}

/// Why a key set was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The new version did not become current, most likely because another version has become current since the read.
    #[error("the key set was changed since it was read")]
    Overtaken(#[source] StoreError),
    /// The store failed before the new version could become current.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Replaces a key set in a single call, as an operator does.
///
/// Law: if `from` is not current, nothing is replaced.
pub trait ReplaceKeySet: ReadKeySet {
    /// Makes `next` current in place of `from`.
    fn replace_version(
        &self,
        from: &KeySetVersion,
        next: &KeySetVersion,
    ) -> impl Future<Output = Result<(), ReplaceError>> + Send;
}

/// Keeps the versions of a key set, for the steps of a rotation. Exactly one version is current.
///
/// Laws: a version is written once and never changes. If two versions are promoted in place of the same current
/// version, only one of the two becomes current.
pub trait KeySetVersions: ReadKeySet {
    /// Returns the text of the pending version with this id, if there is one.
    fn pending(&self, id: &str) -> impl Future<Output = Result<Option<Zeroizing<String>>, StoreError>> + Send;

    /// Adds a pending version. If there is already one with this id, it is left as it is.
    fn put_pending(&self, id: &str, text: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Makes the pending version current in place of `from`. If `from` is not current, nothing changes.
    fn promote(&self, id: &str, from: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Discards a pending version: it is then no longer pending.
    fn discard(&self, id: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

impl<V: KeySetVersions> ReplaceKeySet for V {
    /// Adds `next` as the pending version and promotes it. If a rotation has already made a pending version from
    /// `from`, `next` replaces that pending version.
    async fn replace_version(&self, from: &KeySetVersion, next: &KeySetVersion) -> Result<(), ReplaceError> {
        self.put_pending(&next.id, &next.text).await?;
        let promoted = self.promote(&next.id, &from.id).await;
        promoted.map_err(ReplaceError::Overtaken)
    }
}
