//! Changes by an operator, at once: a rotation, and the withdrawal of keys that have leaked.

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
    /// No algorithm was given, and there is no key whose algorithm a new key could have.
    #[error("the key set has no key yet: its first rotation makes one")]
    NoKeys,
    /// No algorithm was given, and that of the newest key is unknown.
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
    /// The key set is no longer the one that was read. The public keys of the next set may be published already.
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

/// Adds a successor to a key set, which signs once `lead` has passed, as [`keygen::add_successor`] does, and returns the new
/// set. Without an `algorithm`, the successor has that of the newest key.
///
/// # Errors
/// If the key set is invalid, no key can be made, or a store fails. If the public keys cannot be published, nothing
/// is replaced.
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

/// Takes keys out of a key set at once, as [`keygen::withdraw_keys`] does, and returns the new set. If another key has to be
/// made, it has this `algorithm`, or else that of the newest key.
///
/// The public keys change before the set. If the set cannot be replaced then, no token of the withdrawn keys is
/// accepted, but new tokens are refused too, until this is run again.
///
/// # Errors
/// If the key set is invalid or does not have the key, no other key can be made, or a store fails. If the public keys
/// cannot be published, nothing is replaced.
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

/// Makes the next key set from the current one, and replaces it. Without an `algorithm`, that of the newest key is
/// passed to `make_next`.
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
    // The futures of real stores are large, and callers move them.
    Box::pin(publish_and_replace(&set, public_keys, replacement)).await?;
    Ok(next)
}

fn newest_algorithm(document: &KeySetDocument) -> Result<Algorithm, ChangeError> {
    let newest = document.keys.iter().max_by_key(|key| key.activates_at);
    let newest = newest.ok_or(ChangeError::NoKeys)?;
    newest.alg.parse().map_err(|_| ChangeError::UnknownAlgorithm)
}
