//! `authctl key retire` removes leaked keys from a key set.

use claims::{Access, Algorithm, Refresh};
use keygen::Withdrawn;

use super::KeySetName;
use crate::{arguments::Target, output, target};

/// Retires one key or all keys of a set now.
///
/// # Errors
/// If the key does not exist, no other key can be made, or a step fails.
pub(crate) async fn run(
    set: KeySetName,
    which: &Withdrawn,
    algorithm: Option<Algorithm>,
    target: &Target,
) -> anyhow::Result<()> {
    let keys = &target::key_store(set, target).await?;
    let (now, rng) = (keys.now().await?, &mut config::random());
    let public_keys = &target::public_keys(target).await?;
    output::print(match set {
        KeySetName::Access => {
            rotation::withdraw::<Access>(which, algorithm, now, rng, keys, public_keys).await?;
            "retired: authorizers refuse its tokens within REVOCATION_POLL_SECONDS plus the gateway's cache time (five \
            minutes if they do not follow revocations, or with HS256); every function signs with another key within \
            five minutes"
        }
        KeySetName::Refresh => {
            let algorithm = Some(Algorithm::HS256);
            rotation::withdraw::<Refresh>(which, algorithm, now, rng, keys, public_keys).await?;
            "retired: none of its refresh tokens is accepted after five minutes; their users have to log in again"
        }
    });
    Ok(())
}
