//! `authctl key retire` removes leaked keys from a key set.

use claims::{Access, Algorithm, Refresh};
use keygen::Withdrawn;

use super::{KeySetName, Outcome};
use crate::{arguments::Target, target};

/// Returns what retiring these keys changes, for the question to the operator.
pub(super) fn change(set: KeySetName, which: &Withdrawn, target: &Target) -> String {
    let keys = match which {
        Withdrawn::One(kid) => format!("the {} key {kid}", set.as_str()),
        Withdrawn::All => format!("every {} key", set.as_str()),
    };
    let effect = match (set, which) {
        (KeySetName::Access, Withdrawn::One(_)) => "the access tokens that it signed are refused until a refresh",
        (KeySetName::Access, Withdrawn::All) => "all access tokens of all users are refused until a refresh",
        (KeySetName::Refresh, Withdrawn::One(_)) => "the users whose refresh tokens it signed have to log in again",
        (KeySetName::Refresh, Withdrawn::All) => "ALL users are logged out and have to log in again",
    };
    format!("This retires {keys} of {}: {effect}.", target.place())
}

/// Retires one key or all keys of a set now.
///
/// # Errors
/// If the key does not exist, no other key can be made, or a step fails.
pub(crate) async fn run(
    set: KeySetName,
    which: &Withdrawn,
    algorithm: Option<Algorithm>,
    target: &Target,
) -> anyhow::Result<Outcome> {
    let keys = &target::key_store(set, target).await?;
    let (now, rng) = (keys.now().await?, &mut config::random());
    let public_keys = &target::public_keys(target).await?;
    let sentence = match set {
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
    };
    Ok(Outcome {
        done: "retired",
        set: set.as_str(),
        sentence,
    })
}
