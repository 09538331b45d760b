//! `authctl key` lists, rotates and publishes key sets, and retires leaked keys.

mod arguments;
mod retire;

use claims::{Access, Clock as _, Refresh, TokenKind};
use config::SystemClock;
use keygen::{LEAD, Withdrawn};
use rotation::{NotPublished, PublishKeySet};
use serde::Serialize;
use store::KeyFile;

pub(crate) use self::arguments::{KeyCommand, KeySetName};
use crate::{
    arguments::{Output, Target},
    key_store::KeyStore,
    output::{self, KeyRow},
    target,
};

/// What became of a key command, for programs.
#[derive(Serialize)]
struct Done {
    done: &'static str,
    set: &'static str,
}

/// Runs a key command.
pub(crate) async fn run(command: KeyCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    match command {
        KeyCommand::List => list(target, output).await,
        KeyCommand::Rotate { set } => rotate(set, target, output).await,
        KeyCommand::Retire {
            set,
            kid,
            algorithm,
            confirmation,
            ..
        } => {
            let which = kid.map_or(Withdrawn::All, Withdrawn::One);
            confirmation.ask(&retire::change(set, &which, target))?;
            retire::run(set, &which, algorithm, target, output).await
        }
        KeyCommand::Publish => {
            let keys = target::key_store(KeySetName::Access, target).await?;
            rotation::publish_current::<Access>(&keys, &target::public_keys(target).await?).await?;
            let sentence = "published: running authorizers read it within five minutes";
            print_done("published", KeySetName::Access, sentence, output)
        }
    }
}

fn print_done(done: &'static str, set: KeySetName, sentence: &str, output: Output) -> anyhow::Result<()> {
    let set = set.as_str();
    output::print_result(&Done { done, set }, sentence, output)
}

async fn list(target: &Target, output: Output) -> anyhow::Result<()> {
    let now = SystemClock.now().timestamp();
    let mut rows = Vec::new();
    for set in [KeySetName::Access, KeySetName::Refresh] {
        let store = target::key_store(set, target).await?;
        let document = store.read().await?;
        rows.extend(KeyRow::from_set(set, &document, now)?);
        if let KeyStore::Secret(secret) = store {
            let status = secret.rotation_status().await?;
            rows.extend(KeyRow::from_rotation(set, !document.keys.is_empty(), status, now));
        }
    }
    output::print_rows(&rows, output)
}

/// Rotates a key set. In the cloud, this starts the scheduled rotation early. In the local stack, it changes the file
/// directly.
async fn rotate(set: KeySetName, target: &Target, output: Output) -> anyhow::Result<()> {
    match target::key_store(set, target).await? {
        KeyStore::Secret(secret) => {
            secret.rotate().await?;
            let sentence = "rotation started: `authctl key list` will show the successor in a moment";
            print_done("rotation started", set, sentence, output)
        }
        KeyStore::File(file) => {
            match set {
                KeySetName::Access => rotate_file::<Access>(&file, &target::public_keys(target).await?).await?,
                KeySetName::Refresh => rotate_file::<Refresh>(&file, &NotPublished).await?,
            }
            print_done(
                "rotated",
                set,
                "rotated: `authctl key list` shows the successor",
                output,
            )
        }
    }
}

/// Rotates the key set in a file: adds a successor with the algorithm of the newest key.
async fn rotate_file<K: TokenKind>(file: &KeyFile, public_keys: &impl PublishKeySet<K>) -> anyhow::Result<()> {
    let (now, rng) = (SystemClock.now(), &mut config::random());
    rotation::rotate(None, LEAD, now, rng, file, public_keys).await?;
    Ok(())
}
