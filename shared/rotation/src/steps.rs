//! A rotation in the four steps of Secrets Manager. Each step does only what is not done yet, so Secrets Manager may
//! call a step twice, even at the same time.

use auth::{
    error::StoreError,
    keys::{KeySetVersion, KeySetVersions, ReplaceError},
};
use claims::{Algorithm, InvalidKeySet, KeyId, KeySet, KeySetDocument, SignError, Timestamp, TokenKind};
use keygen::{KeyGenerationError, LEAD};
use rand::CryptoRng;

use crate::publication::{ConfirmKeySet, PublishError, PublishKeySet, publish_and_replace, publish_current};

/// Why a step failed. Secrets Manager may call the step again.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// No version of the secret is pending under the rotation's id.
    #[error("no version of the secret is pending under this id: createSecret must come first")]
    NoPending,
    /// The pending key set was not made from the current one, which was changed during the rotation.
    #[error("the key set was changed during this rotation, which is abandoned: rotate again")]
    Overtaken,
    /// The public keys of the pending key set are not published.
    #[error("the public keys of the pending key set are not published")]
    Unpublished,
    /// A version is not a valid key set.
    #[error("the key set is invalid: {0}")]
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

impl From<PublishError> for RotationError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Invalid(cause) => Self::Invalid(cause),
            PublishError::Store(cause) => Self::Store(cause),
        }
    }
}

/// The newest key of the key set that a rotation has made current.
#[derive(Debug)]
pub struct Promoted {
    /// The id of the key.
    pub newest: KeyId,
    /// The time at which the key starts to sign.
    pub activates_at: Timestamp,
}

/// Makes the next version of a key set from the current one, and stores it as pending under the rotation's id. If the
/// version exists already, nothing changes.
///
/// # Errors
/// If the current version is not a valid key set, if no key can be made, or if the store fails.
pub async fn create<K: TokenKind>(
    id: &str,
    algorithm: Algorithm,
    now: Timestamp,
    rng: &mut (impl CryptoRng + Send),
    versions: &impl KeySetVersions,
) -> Result<(), RotationError> {
    let KeySetVersion { id: current, text } = versions.current().await?;
    if current == id || versions.pending(id).await?.is_some() {
        return Ok(());
    }
    let document = KeySetDocument::from_json(&text)?;
    KeySet::<K>::new(&document)?;
    let next = KeySetDocument {
        made_from: Some(current),
        ..keygen::add_successor::<K>(&document, algorithm, LEAD, now, rng)?
    };
    Ok(versions.put_pending(id, &next.to_json()).await?)
}

/// Publishes the public keys of the pending key set.
///
/// # Errors
/// If there is no pending key set, if it was not made from the current one, or if a store fails.
pub async fn publish<K: TokenKind>(
    id: &str,
    versions: &impl KeySetVersions,
    public_keys: &impl PublishKeySet<K>,
) -> Result<(), RotationError> {
    if let Some(pending) = pending(id, versions, public_keys).await? {
        public_keys.publish_key_set(&pending.set).await?;
    }
    Ok(())
}

/// Checks that the pending key set can sign, and that its public keys are published.
///
/// # Errors
/// If the pending key set cannot sign, is missing or was not made from the current one, if other public keys are
/// published, or if a store fails.
pub async fn test<K: TokenKind>(
    id: &str,
    now: Timestamp,
    versions: &impl KeySetVersions,
    public_keys: &(impl PublishKeySet<K> + ConfirmKeySet<K>),
) -> Result<(), RotationError> {
    let Some(pending) = pending(id, versions, public_keys).await? else {
        return Ok(());
    };
    pending.set.ready(now)?;
    let is_published = public_keys.is_published(&pending.set).await?;
    is_published.then_some(()).ok_or(RotationError::Unpublished)
}

/// Makes the pending key set current, and returns its newest key. Returns `None` if the key set is current already. The
/// public keys of the pending key set are first published again, because they may have been lost or overwritten after
/// [`test()`].
///
/// # Errors
/// If there is no pending key set, if it was not made from the current one, if its public keys cannot be published, or
/// if a store fails.
pub async fn finish<K: TokenKind>(
    id: &str,
    versions: &impl KeySetVersions,
    public_keys: &impl PublishKeySet<K>,
) -> Result<Option<Promoted>, RotationError> {
    let Some(pending) = pending(id, versions, public_keys).await? else {
        return Ok(None);
    };
    let promotion = async {
        let promoted = versions.promote(id, &pending.current).await;
        promoted.map_err(ReplaceError::Overtaken)
    };
    match publish_and_replace(&pending.set, public_keys, promotion).await {
        Ok(()) => Ok(pending.promoted()),
        Err(ReplaceError::Store(fault)) => Err(fault.into()),
        Err(ReplaceError::Overtaken(fault)) => {
            // An operator may have changed the key set first. In that case, the operator's keys must be published
            // instead of the pending ones.
            publish_current(versions, public_keys).await?;
            Err(fault.into())
        }
    }
}

/// A pending key set.
struct Pending<K> {
    document: KeySetDocument,
    set: KeySet<K>,
    /// The id of the version that this key set replaces.
    current: String,
}

impl<K> Pending<K> {
    /// Returns the newest key, to report after the promotion.
    fn promoted(self) -> Option<Promoted> {
        let newest = self.document.keys.into_iter().max_by_key(|key| key.activates_at);
        newest.map(|key| Promoted {
            newest: key.kid,
            activates_at: key.activates_at,
        })
    }
}

/// Returns the key set that is pending under this id, or `None` if it is current already.
///
/// If there is no pending key set, or if it was not made from the current one, the public keys of the current one are
/// published again. In these cases, an operator has probably changed the key set, and this rotation may have published
/// a key that the operator has withdrawn.
async fn pending<K: TokenKind>(
    id: &str,
    versions: &impl KeySetVersions,
    public_keys: &impl PublishKeySet<K>,
) -> Result<Option<Pending<K>>, RotationError> {
    let pending = read_pending(id, versions).await;
    if let Err(RotationError::Overtaken | RotationError::NoPending) = &pending {
        publish_current(versions, public_keys).await?;
    }
    pending
}

/// Returns the key set that is pending under this id, or `None` if it is current already. A key set that was not
/// made from the current one is discarded, because it could bring back keys that an operator has withdrawn.
async fn read_pending<K: TokenKind>(
    id: &str,
    versions: &impl KeySetVersions,
) -> Result<Option<Pending<K>>, RotationError> {
    let current = versions.current().await?;
    if current.id == id {
        return Ok(None);
    }
    let text = versions.pending(id).await?.ok_or(RotationError::NoPending)?;
    let document = KeySetDocument::from_json(&text)?;
    let set = KeySet::new(&document)?;
    if document.made_from.as_ref() != Some(&current.id) {
        versions.discard(id).await?;
        return Err(RotationError::Overtaken);
    }
    Ok(Some(Pending {
        document,
        set,
        current: current.id,
    }))
}
