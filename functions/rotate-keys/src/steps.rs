//! The four steps. Each looks at what is there and does what is missing, so that it may come twice, or at once.

use auth::{
    error::StoreError,
    keys::{KeySetVersion, KeySetVersions, PublishKeys, ReadPublicKeys},
};
use claims::{Access, Algorithm, InvalidKeySet, KeyId, KeySet, KeySetDocument, SignError, Timestamp, TokenKind};
use keygen::{KeyGenerationError, LEAD};
use rand::CryptoRng;

/// Why a step cannot be done. Nothing of it is half done, and the step may come again.
#[derive(Debug, thiserror::Error)]
pub enum RotationFault {
    /// The event is not one of Secrets Manager.
    #[error("the event is not one of a rotation by Secrets Manager")]
    ForeignEvent,
    /// The event is about a secret that the environment does not name.
    #[error("the secret is neither that of ACCESS_KEYS_SECRET nor that of REFRESH_KEYS_SECRET")]
    ForeignSecret,
    /// No version waits under the rotation's id.
    #[error("no version of the secret is pending under this id: createSecret comes first")]
    NoPending,
    /// The current key set is not the one that the pending one was made of.
    #[error("the key set was changed since this rotation began, which is given up: rotate again")]
    Overtaken,
    /// The public keys of the pending key set are not published.
    #[error("the public keys of the pending key set are not published")]
    Unpublished,
    /// The text of a version is no key set.
    #[error("the key set is wrong: {0}")]
    Invalid(#[from] InvalidKeySet),
    /// No key of the pending key set signs.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// No key can be made.
    #[error(transparent)]
    Key(#[from] KeyGenerationError),
    /// A store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key set that has become current.
#[derive(Debug)]
pub struct Promoted {
    /// Its newest key.
    pub newest: KeyId,
    /// When that one begins to sign.
    pub activates_at: Timestamp,
}

/// Makes the next version of a key set of the current one, and lets it wait under the rotation's id.
///
/// # Errors
/// When the current version is no key set, no key can be made, or the store fails.
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

/// Publishes the public halves of the key set that waits.
///
/// # Errors
/// When there is none that waits and goes on from the current one, or a store fails.
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

/// Checks that the key set that waits can sign.
///
/// # Errors
/// When it cannot, or there is none that waits and goes on from the current one, or the store fails.
pub async fn test<K: TokenKind>(id: &str, now: Timestamp, versions: &impl KeySetVersions) -> Result<(), RotationFault> {
    if let Some(pending) = pending::<K>(id, now, versions).await? {
        pending.set.ready(now)?;
    }
    Ok(())
}

/// Checks that the access key set that waits can sign, and that every authorizer finds its public halves.
///
/// # Errors
/// As [`test()`], and when other keys are published.
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

/// Makes the key set that waits the current one; nothing when it is already.
///
/// # Errors
/// When there is none that waits and goes on from the current one, or the store fails.
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

/// Publishes the public halves of the access key set that waits once more, since they may have been lost or overwritten
/// since they were tested, and makes it the current one; nothing when it is already.
///
/// # Errors
/// As [`finish()`], and when the keys cannot be published; then nothing was promoted.
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
        // An operator may have been faster, whose keys must not be overwritten by those.
        publish_current(versions, public_keys).await?;
        return Err(fault.into());
    }
    Ok(pending.promoted())
}

/// A key set that waits to become current.
struct Pending<K> {
    document: KeySetDocument,
    set: KeySet<K>,
    /// The id of the version that is current until then.
    current: String,
}

impl<K> Pending<K> {
    /// What is to be said once it is current.
    fn promoted(self) -> Option<Promoted> {
        let newest = self.document.keys.into_iter().max_by_key(|key| key.activates_at);
        newest.map(|key| Promoted {
            newest: key.kid,
            activates_at: key.activates_at,
        })
    }
}

/// The access key set that waits. Where there is none any more, since an operator has changed the current one meanwhile,
/// the public halves of that are published again: a key that was withdrawn must not be published because this rotation
/// knew it.
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

/// Publishes the public halves of the current access key set.
async fn publish_current(versions: &impl KeySetVersions, public_keys: &impl PublishKeys) -> Result<(), RotationFault> {
    let current = versions.current().await?;
    let keys = KeySet::<Access>::from_json(&current.text)?;
    Ok(public_keys.publish(&keys.jwks()).await?)
}

/// The key set that waits under this id; none when it is current already. One that does not go on from the current one
/// waits no longer: it would bring back what an operator has withdrawn.
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
