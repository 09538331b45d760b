//! Taking a key away that has leaked.

use claims::{Algorithm, KeySet, TokenKind};
use keygen::Withdrawn;

use super::{newest_algorithm, publish};
use crate::{
    arguments::{KeySetName, Target},
    output, target,
};

/// Retires keys of a set at once. The authorizers learn of it before the issuer does: if the second step fails, tokens
/// are refused until it is done again, and none of the leaked key is accepted.
///
/// # Errors
/// When there is no such key, no other can be made, or a step fails.
pub(crate) async fn run<K: TokenKind>(
    set: KeySetName,
    which: &Withdrawn,
    algorithm: Option<Algorithm>,
    target: &Target,
) -> anyhow::Result<()> {
    let store = target::key_store(set, target).await?;
    let found = store.read().await?;
    let document = &found.document;
    let algorithm = algorithm.map_or_else(|| newest_algorithm(document), Ok)?;
    let (now, rng) = (store.now().await?, &mut config::random());
    let without = keygen::withdrawn::<K>(document, which, algorithm, now, rng)?;
    KeySet::<K>::new(&without)?;

    if set == KeySetName::Access {
        publish(&without, target).await?;
    }
    store.replace(&found, &without).await?;
    output::print(match set {
        KeySetName::Access => {
            "retired: authorizers refuse its tokens within REVOCATION_POLL_SECONDS and their gateway's cache (five \
             minutes where revocations are not followed, and with HS256); every function signs with another key within five minutes"
        }
        KeySetName::Refresh => {
            "retired: within five minutes, no refresh token of it is accepted; whoever had one logs in again"
        }
    });
    Ok(())
}
