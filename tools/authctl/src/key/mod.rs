//! `authctl key` lists, rotates and publishes key sets, and retires leaked keys.

mod retire;

use anyhow::Context as _;
use auth::keys::{PublishKeys as _, ReadSecret as _};
use claims::{Access, Algorithm, Clock as _, KeySet, KeySetDocument, Refresh, TokenKind};
use config::SystemClock;
use keygen::{LEAD, Withdrawn};

use crate::{
    arguments::{KeyCommand, KeySetName, Output, Target},
    key_store::KeyStore,
    output::{self, KeyRow},
    target,
};

/// Runs a command about keys.
pub(crate) async fn run(command: KeyCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    match command {
        KeyCommand::List => list(target, output).await,
        KeyCommand::Rotate { set } => rotate(set, target).await,
        KeyCommand::Retire {
            set, kid, algorithm, ..
        } => {
            let which = kid.map_or(Withdrawn::All, Withdrawn::One);
            match set {
                KeySetName::Access => retire::run::<Access>(set, &which, algorithm, target).await,
                KeySetName::Refresh => retire::run::<Refresh>(set, &which, Some(Algorithm::HS256), target).await,
            }
        }
        KeyCommand::Publish => {
            let document = target::key_store(KeySetName::Access, target)
                .await?
                .read()
                .await?
                .document;
            publish(&document, target).await?;
            output::print("published: running authorizers read it within five minutes");
            Ok(())
        }
    }
}

async fn list(target: &Target, output: Output) -> anyhow::Result<()> {
    let now = SystemClock.now().timestamp();
    let mut rows = Vec::new();
    for set in [KeySetName::Access, KeySetName::Refresh] {
        let document = target::key_store(set, target).await?.read().await?.document;
        rows.extend(KeyRow::of_set(set, &document, now)?);
    }
    output::list(&rows, output)
}

/// Rotates a key set: in the cloud through the function that does it every month, locally at once.
async fn rotate(set: KeySetName, target: &Target) -> anyhow::Result<()> {
    match target::key_store(set, target).await? {
        KeyStore::Secret(secret) => {
            secret.rotate().await?;
            output::print("rotation started: `authctl key list` will show the successor in a moment");
        }
        KeyStore::File(file) => {
            let document = KeySetDocument::from_json(&file.read().await?)?;
            let next = match set {
                KeySetName::Access => successor::<Access>(&document)?,
                KeySetName::Refresh => successor::<Refresh>(&document)?,
            };
            if set == KeySetName::Access {
                publish(&next, target).await?;
            }
            file.replace(&next.to_json())?;
            output::print("rotated: `authctl key list` shows the successor");
        }
    }
    Ok(())
}

/// Returns the key set with a successor that has the algorithm of the newest key.
fn successor<K: TokenKind>(document: &KeySetDocument) -> anyhow::Result<KeySetDocument> {
    let algorithm = newest_algorithm(document)?;
    let now = SystemClock.now().timestamp();
    Ok(keygen::rotated::<K>(
        document,
        algorithm,
        LEAD,
        now,
        &mut config::random(),
    )?)
}

/// Returns the algorithm of the newest key.
fn newest_algorithm(document: &KeySetDocument) -> anyhow::Result<Algorithm> {
    let newest = document.keys.iter().max_by_key(|key| key.activates_at);
    let newest = newest.context("the key set has no key yet: its first rotation makes one")?;
    newest
        .alg
        .parse()
        .ok()
        .context("the newest key has an unknown algorithm")
}

/// Publishes the public keys of an access key set.
async fn publish(document: &KeySetDocument, target: &Target) -> anyhow::Result<()> {
    let keys = KeySet::<Access>::new(document)?;
    Ok(target::public_keys(target).await?.publish(&keys.jwks()).await?)
}
