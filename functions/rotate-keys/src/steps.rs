//! The four steps. Each checks what exists and does what is missing, so that it may come twice, also at the same time.

use auth::{
    error::StoreError,
    keys::{KeySetVersion, KeySetVersions, PublishKeys, ReadPublicKeys},
};
use claims::{Access, Algorithm, InvalidKeySet, KeyId, KeySet, KeySetDocument, SignError, Timestamp, TokenKind};
use keygen::{KeyGenerationError, LEAD};
use rand::CryptoRng;

/// Why a step failed. Nothing is left half done, and the step may come again.
#[derive(Debug, thiserror::Error)]
pub enum RotationFault {
    /// The event is not from Secrets Manager.
    #[error("the event is not a rotation by Secrets Manager")]
    ForeignEvent,
    /// The event is about a secret that is not in the environment.
    #[error("the secret is neither ACCESS_KEYS_SECRET nor REFRESH_KEYS_SECRET")]
    ForeignSecret,
    /// No version is pending under the rotation's id.
    #[error("no version of the secret is pending under this id: createSecret must come first")]
    NoPending,
    /// The pending key set was not made from the current one.
    #[error("the key set was changed during this rotation, which is abandoned: rotate again")]
    Overtaken,
    /// The public keys of the pending key set are not published.
    #[error("the public keys of the pending key set are not published")]
    Unpublished,
    /// A version is not a valid key set.
    #[error("the key set is wrong: {0}")]
    Invalid(#[from] InvalidKeySet),
    /// The pending key set has no key that can sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A key cannot be made.
    #[error(transparent)]
    Key(#[from] KeyGenerationError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key set that has become current.
#[derive(Debug)]
pub struct Promoted {
    /// The newest key of the set.
    pub newest: KeyId,
    /// The time at which that key starts to sign.
    pub activates_at: Timestamp,
}

/// Makes the next version of a key set from the current one, and keeps it pending under the rotation's id.
///
/// # Errors
/// When the current version is not a valid key set, no key can be made, or the store fails.
pub async fn create<K: TokenKind>(
    id: &str,
    algorithm: Algorithm,
    now: Timestamp,
    rng: &mut (impl CryptoRng + Send),
    versions: &impl KeySetVersions,
) -> Result<(), RotationFault> {
    let KeySetVersion { id: current, text } = versions.current().await?;
    if current == id || versions.pending(id).await?.is_some() {
        return Ok(());
    }
    let document = KeySetDocument::from_json(&text)?;
    KeySet::<K>::new(&document)?;
    let next = keygen::rotated::<K>(&document, algorithm, LEAD, now, rng)?;
    Ok(versions.put_pending(id, &next.to_json()).await?)
}

/// Publishes the public keys of the pending key set.
///
/// # Errors
/// When no pending key set continues the current one, or a store fails.
pub async fn publish(
    id: &str,
    now: Timestamp,
    versions: &impl KeySetVersions,
    public_keys: &impl PublishKeys,
) -> Result<(), RotationFault> {
    if let Some(pending) = pending_access(id, now, versions, public_keys).await? {
        public_keys.publish(&pending.set.jwks()).await?;
    }
    Ok(())
}

/// Checks that the pending key set can sign.
///
/// # Errors
/// When it cannot sign, no pending key set continues the current one, or the store fails.
pub async fn test<K: TokenKind>(id: &str, now: Timestamp, versions: &impl KeySetVersions) -> Result<(), RotationFault> {
    if let Some(pending) = pending::<K>(id, now, versions).await? {
        pending.set.ready(now)?;
    }
    Ok(())
}

/// Checks that the pending access key set can sign, and that its public keys are published.
///
/// # Errors
/// The errors are those of [`test()`], and that other keys are published.
pub async fn test_published(
    id: &str,
    now: Timestamp,
    versions: &impl KeySetVersions,
    public_keys: &(impl PublishKeys + ReadPublicKeys),
) -> Result<(), RotationFault> {
    let Some(pending) = pending_access(id, now, versions, public_keys).await? else {
        return Ok(());
    };
    pending.set.ready(now)?;
    let published = public_keys.public_keys().await?;
    (published == Some(pending.set.jwks().to_json()))
        .then_some(())
        .ok_or(RotationFault::Unpublished)
}

/// Promotes the pending key set to the current one. Returns `None` if it is current already.
///
/// # Errors
/// When no pending key set continues the current one, or the store fails.
pub async fn finish<K: TokenKind>(
    id: &str,
    now: Timestamp,
    versions: &impl KeySetVersions,
) -> Result<Option<Promoted>, RotationFault> {
    let Some(pending) = pending::<K>(id, now, versions).await? else {
        return Ok(None);
    };
    versions.promote(id, &pending.current).await?;
    Ok(pending.promoted())
}

/// Publishes the public keys of the pending access key set again, since they may have been lost or overwritten after
/// the test, and promotes the key set to the current one. Returns `None` if it is current already.
///
/// # Errors
/// The errors are those of [`finish()`], and that the keys cannot be published. Then nothing was promoted.
pub async fn finish_published(
    id: &str,
    now: Timestamp,
    versions: &impl KeySetVersions,
    public_keys: &impl PublishKeys,
) -> Result<Option<Promoted>, RotationFault> {
    let Some(pending) = pending_access(id, now, versions, public_keys).await? else {
        return Ok(None);
    };
    public_keys.publish(&pending.set.jwks()).await?;
    if let Err(fault) = versions.promote(id, &pending.current).await {
        // An operator may have been faster. The operator's keys must stay published instead of these.
        publish_current(versions, public_keys).await?;
        return Err(fault.into());
    }
    Ok(pending.promoted())
}

/// A pending key set.
struct Pending<K> {
    document: KeySetDocument,
    set: KeySet<K>,
    /// The id of the version that it replaces.
    current: String,
}

impl<K> Pending<K> {
    /// Returns what to report after its promotion.
    fn promoted(self) -> Option<Promoted> {
        let newest = self.document.keys.into_iter().max_by_key(|key| key.activates_at);
        newest.map(|key| Promoted {
            newest: key.kid,
            activates_at: key.activates_at,
        })
    }
}

/// Returns the pending access key set. If it is gone because an operator has changed the current one meanwhile, the
/// public keys of the current one are published again, since this rotation may have published a key that the operator
/// withdrew.
async fn pending_access(
    id: &str,
    now: Timestamp,
    versions: &impl KeySetVersions,
    public_keys: &impl PublishKeys,
) -> Result<Option<Pending<Access>>, RotationFault> {
    let pending = pending(id, now, versions).await;
    if let Err(RotationFault::Overtaken | RotationFault::NoPending) = &pending {
        publish_current(versions, public_keys).await?;
    }
    pending
}

/// Publishes the public keys of the current access key set.
async fn publish_current(versions: &impl KeySetVersions, public_keys: &impl PublishKeys) -> Result<(), RotationFault> {
    let current = versions.current().await?;
    let keys = KeySet::<Access>::from_json(&current.text)?;
    Ok(public_keys.publish(&keys.jwks()).await?)
}

/// Returns the key set that is pending under this id, or `None` if it is current already. A key set that does not
/// continue the current one is discarded: it would bring back keys that an operator has withdrawn.
async fn pending<K: TokenKind>(
    id: &str,
    now: Timestamp,
    versions: &impl KeySetVersions,
) -> Result<Option<Pending<K>>, RotationFault> {
    let current = versions.current().await?;
    if current.id == id {
        return Ok(None);
    }
    let text = versions.pending(id).await?.ok_or(RotationFault::NoPending)?;
    let document = KeySetDocument::from_json(&text)?;
    let set = KeySet::new(&document)?;
    if !keygen::continues(&document, &KeySetDocument::from_json(&current.text)?, now) {
        versions.discard(id).await?;
        return Err(RotationFault::Overtaken);
    }
    Ok(Some(Pending {
        document,
        set,
        current: current.id,
    }))
}
