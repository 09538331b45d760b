//! `authctl key retire` takes a leaked key away.

use claims::{Algorithm, KeySet, TokenKind};
use keygen::Withdrawn;

use super::{newest_algorithm, publish};
use crate::{
    arguments::{KeySetName, Target},
    output, target,
};

/// Retires keys of a set at once. The public keys change before the secret: if the second step fails, no token of the
/// leaked key is accepted, but new tokens are refused too until the command is run again.
///
/// # Errors
/// When the key does not exist, no other key can be made, or a step fails.
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
            "retired: authorizers refuse its tokens within REVOCATION_POLL_SECONDS plus the gateway's cache time (five \
            minutes if they do not follow revocations, or with HS256); every function signs with another key within \
            five minutes"
        }
        KeySetName::Refresh => {
            "retired: none of its refresh tokens is accepted after five minutes; their users have to log in again"
        }
    });
    Ok(())
}
