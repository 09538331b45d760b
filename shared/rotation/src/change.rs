//! The changes of a key set that an operator makes with one call: a rotation, and the withdrawal of keys that have
//! leaked.

use auth::{
    error::StoreError,
    keys::{KeySetVersion, ReplaceError, ReplaceKeySet},
};
use claims::{Algorithm, InvalidKeySet, KeySet, KeySetDocument, Moment, Span, TokenId, TokenKind};
use keygen::{KeyGenerationError, WithdrawalError, Withdrawn};
use rand::CryptoRng;

use crate::publication::{PublishKeySet, publish_and_replace};

/// Why a key set was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// No algorithm was given, and the key set has no key whose algorithm could be used.
    #[error("the key set has no key yet: its first rotation makes one")]
    NoKeys,
    /// No algorithm was given, and the newest key has an unknown one.
    #[error("the newest key has an unknown algorithm")]
    UnknownAlgorithm,
    /// The current or the next key set is invalid.
    #[error(transparent)]
    Invalid(#[from] InvalidKeySet),
    /// A key cannot be made.
    #[error(transparent)]
    Key(#[from] KeyGenerationError),
    /// The keys cannot be withdrawn.
    #[error(transparent)]
    Withdrawal(#[from] WithdrawalError),
    /// The key set was changed after it was read. The public keys of the next set may be published already.
    #[error("someone else changed the key set at the same time: run this again")]
    Overtaken(#[source] StoreError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ReplaceError> for ChangeError {
    fn from(error: ReplaceError) -> Self {
        match error {
            ReplaceError::Overtaken(cause) => Self::Overtaken(cause),
            ReplaceError::Store(cause) => Self::Store(cause),
        }
    }
}

/// Adds a key to the current key set, as [`keygen::add_successor`] does, and returns the new set. The new key starts to
/// sign after `lead`. Without an `algorithm`, it has the algorithm of the newest key.
///
/// # Errors
/// If the key set is invalid, if no key can be made, or if a store fails. If the public keys cannot be published, the
/// key set is not replaced.
pub async fn rotate<K: TokenKind>(
    algorithm: Option<Algorithm>,
    lead: Span,
    now: Moment,
    rng: &mut (impl CryptoRng + Send),
    keys: &impl ReplaceKeySet,
    public_keys: &impl PublishKeySet<K>,
) -> Result<KeySetDocument, ChangeError> {
    change(algorithm, now, rng, keys, public_keys, |current, algorithm, rng| {
        Ok(keygen::add_successor::<K>(
            current,
            algorithm,
            lead,
            now.timestamp(),
            rng,
        )?)
    })
    .await
}

/// Removes keys from a key set at once, as [`keygen::withdraw_keys`] does, and returns the new set. If a new key is
/// needed, it has this `algorithm`. Without an `algorithm`, it has the algorithm of the newest key.
///
/// The public keys are replaced before the key set. If the key set cannot be replaced after that, verifiers already
/// refuse the withdrawn keys, but the issuer may still sign tokens with one of them, and verifiers refuse these tokens
/// too. The withdrawal must then be run again.
///
/// # Errors
/// If the key set is invalid or does not have the key, if no new key can be made, or if a store fails. If the public
/// keys cannot be published, the key set is not replaced.
pub async fn withdraw<K: TokenKind>(
    which: &Withdrawn,
    algorithm: Option<Algorithm>,
    now: Moment,
    rng: &mut (impl CryptoRng + Send),
    keys: &impl ReplaceKeySet,
    public_keys: &impl PublishKeySet<K>,
) -> Result<KeySetDocument, ChangeError> {
    change(algorithm, now, rng, keys, public_keys, |current, algorithm, rng| {
        Ok(keygen::withdraw_keys::<K>(
            current,
            which,
            algorithm,
            now.timestamp(),
            rng,
        )?)
    })
    .await
}

/// Makes the next key set from the current one with `make_next`, and replaces the current one. Without an `algorithm`,
/// `make_next` gets the algorithm of the newest key.
async fn change<K: TokenKind, R: CryptoRng + Send>(
    algorithm: Option<Algorithm>,
    now: Moment,
    rng: &mut R,
    keys: &impl ReplaceKeySet,
    public_keys: &impl PublishKeySet<K>,
    make_next: impl FnOnce(&KeySetDocument, Algorithm, &mut R) -> Result<KeySetDocument, ChangeError>,
) -> Result<KeySetDocument, ChangeError> {
    let current = keys.current().await?;
    let document = KeySetDocument::from_json(&current.text)?;
    let algorithm = algorithm.map_or_else(|| newest_algorithm(&document), Ok)?;
    let next = make_next(&document, algorithm, rng)?;
    let set = KeySet::new(&next)?;
    let version = KeySetVersion {
        id: TokenId::draw(now, rng).to_string(),
        text: next.to_json(),
    };
    let replacement = async { keys.replace_version(&current, &version).await };
    // Boxed, because the futures of real stores are large and callers move them.
    Box::pin(publish_and_replace(&set, public_keys, replacement)).await?;
    Ok(next)
}

fn newest_algorithm(document: &KeySetDocument) -> Result<Algorithm, ChangeError> {
    let newest = document.keys.iter().max_by_key(|key| key.activates_at);
    let newest = newest.ok_or(ChangeError::NoKeys)?;
    newest.alg.parse().map_err(|_| ChangeError::UnknownAlgorithm)
}
