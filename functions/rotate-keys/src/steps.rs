//! The four steps. Each looks at what is there and does what is missing, so that it may come twice, or at once.

use auth::{KeySetVersion, KeySetVersions, PublishKeys, ReadPublicKeys, StoreError};
use claims::{
    Access, Algorithm, InvalidKeySet, KeyId, KeySet, KeySetDocument, SignError, Timestamp, TokenKind,
};
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
    if let Some(pending) = pending::<Access>(id, now, versions).await? {
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

/// Checks that the access key set that waits can sign, and that every authorizer finds its public halves. Those of the
/// current one are published again where an operator has changed it meanwhile: a key that was withdrawn must not be
/// published because this rotation knew it.
///
/// # Errors
/// As [`test()`], and when other keys are published.
pub async fn test_published(
    id: &str,
    now: Timestamp,
    versions: &impl KeySetVersions,
    public_keys: &(impl PublishKeys + ReadPublicKeys),
) -> Result<(), RotationFault> {
    match pending::<Access>(id, now, versions).await {
        Ok(None) => Ok(()),
        Ok(Some(pending)) => {
            pending.set.ready(now)?;
            let published = public_keys.public_keys().await?;
            (published == Some(pending.set.jwks().to_json()))
                .then_some(())
                .ok_or(RotationFault::Unpublished)
        }
        Err(given_up @ (RotationFault::Overtaken | RotationFault::NoPending)) => {
            let current = versions.current().await?;
            let keys = KeySet::<Access>::from_json(&current.text)?;
            public_keys.publish(&keys.jwks()).await?;
            Err(given_up)
        }
        Err(fault) => Err(fault),
    }
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
    let newest = pending.document.keys.into_iter().max_by_key(|key| key.activates_at);
    Ok(newest.map(|key| Promoted {
        newest: key.kid,
        activates_at: key.activates_at,
    }))
}

/// A key set that waits to become current.
struct Pending<K> {
    document: KeySetDocument,
    set: KeySet<K>,
    /// The id of the version that is current until then.
    current: String,
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
