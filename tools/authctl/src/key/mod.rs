//! `authctl key` lists, rotates and publishes key sets, and retires leaked keys.

mod arguments;
mod retire;

use anyhow::bail;
use auth::keys::ReadSchedule as _;
use claims::{Access, Clock as _, KeyId, KeySchedule, Refresh, TokenKind};
use config::SystemClock;
use keygen::{LEAD, Withdrawn};
use rotation::PublishKeySet;
use runtime::{AuditEvent, Event};
use serde::Serialize;
use store::{KeyFile, RotationStatus};

pub(crate) use self::arguments::{KeyCommand, KeySetName};
use crate::{
    arguments::{Output, Target},
    key_store::KeyStore,
    operator::Act,
    output::{self, KeyRow},
    target,
};

/// What a key command has done.
#[derive(Serialize)]
struct Outcome {
    done: &'static str,
    set: &'static str,
    /// The same for people.
    #[serde(skip)]
    sentence: &'static str,
}

/// Runs a key command.
pub(crate) async fn run(command: KeyCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    let done = match command {
        KeyCommand::List => return list(target, output).await,
        KeyCommand::Rotate { set, recording } => {
            let act = Act::begin(about(Event::OperatorKeyRotated, set), &recording, target).await?;
            act.end(rotate(set, target).await).await?
        }
        KeyCommand::Retire {
            set,
            kid,
            algorithm,
            confirmation,
            recording,
            ..
        } => {
            let recording = recording.with_reason(target)?;
            let event = about(Event::OperatorKeyRetired, set);
            let event = event.field("kid", kid.as_ref().map_or("all", KeyId::as_str));
            let which = kid.map_or(Withdrawn::All, Withdrawn::One);
            confirmation.ask(&retire::change(set, &which, target))?;
            let act = Act::begin(event, &recording, target).await?;
            act.end(retire::run(set, &which, algorithm, target).await).await?
        }
        KeyCommand::Publish { recording } => {
            let event = about(Event::OperatorKeysPublished, KeySetName::Access);
            let act = Act::begin(event, &recording, target).await?;
            act.end(publish(target).await).await?
        }
    };
    output::print_result(&done, done.sentence, output)
}

/// Returns an event about a key set.
fn about(event: Event, set: KeySetName) -> AuditEvent {
    AuditEvent::new(event).field("key_set", set.as_str())
}

async fn publish(target: &Target) -> anyhow::Result<Outcome> {
    let public_keys = target::public_keys(target).await?;
    let access = target::key_store(KeySetName::Access, target).await?;
    rotation::publish_current::<Access>(&access, &public_keys).await?;
    let refresh = target::key_store(KeySetName::Refresh, target).await?;
    rotation::publish_current::<Refresh>(&refresh, &public_keys).await?;
    Ok(Outcome {
        done: "published",
        set: KeySetName::Access.as_str(),
        sentence: "published: running authorizers read it within five minutes",
    })
}

async fn list(target: &Target, output: Output) -> anyhow::Result<()> {
    let mut rows = list_set::<Access>(KeySetName::Access, target).await?;
    rows.extend(list_set::<Refresh>(KeySetName::Refresh, target).await?);
    output::print_rows(&rows, output)
}

/// Returns the rows of a key set.
async fn list_set<K: TokenKind>(set: KeySetName, target: &Target) -> anyhow::Result<Vec<KeyRow>> {
    let now = SystemClock.now().timestamp();
    let (schedule, status) = read_schedule::<K>(set, target).await?;
    let mut rows = KeyRow::from_schedule(set, &schedule, now)?;
    let rotation = status.and_then(|status| KeyRow::from_rotation(set, !schedule.keys.is_empty(), status, now));
    rows.extend(rotation);
    Ok(rows)
}

/// Returns when the keys of a set are used and, in the cloud, the status of its rotation. There, no private key is read.
///
/// # Errors
/// If a store fails, or the schedule is not published.
pub(crate) async fn read_schedule<K: TokenKind>(
    set: KeySetName,
    target: &Target,
) -> anyhow::Result<(KeySchedule, Option<RotationStatus>)> {
    let secret = match target::key_store(set, target).await? {
        KeyStore::File(file) => {
            let document = KeyStore::File(file).read().await?;
            return Ok((KeySchedule::from(&document), None));
        }
        KeyStore::Secret(secret) => secret,
    };
    let status = secret.rotation_status().await?;
    let schedule = target::public_keys(target).await?.schedule::<K>().await?;
    if schedule.is_none() && status.last.is_some() {
        bail!("the schedule of the keys is not published: an operator runs `authctl key publish` once");
    }
    Ok((schedule.unwrap_or_default(), Some(status)))
}

/// Rotates a key set. In the cloud, this starts the scheduled rotation early. In the local stack, it changes the file
/// directly.
async fn rotate(set: KeySetName, target: &Target) -> anyhow::Result<Outcome> {
    let (done, sentence) = match target::key_store(set, target).await? {
        KeyStore::Secret(secret) => {
            secret.rotate().await?;
            let sentence = "rotation started: `authctl key list` will show the successor in a moment";
            ("rotation started", sentence)
        }
        KeyStore::File(file) => {
            match set {
                KeySetName::Access => rotate_file::<Access>(&file, &target::public_keys(target).await?).await?,
                KeySetName::Refresh => rotate_file::<Refresh>(&file, &target::public_keys(target).await?).await?,
            }
            ("rotated", "rotated: `authctl key list` shows the successor")
        }
    };
    let set = set.as_str();
    Ok(Outcome { done, set, sentence })
}

/// Rotates the key set in a file: adds a successor with the algorithm of the newest key.
async fn rotate_file<K: TokenKind>(file: &KeyFile, public_keys: &impl PublishKeySet<K>) -> anyhow::Result<()> {
    let (now, rng) = (SystemClock.now(), &mut config::random());
    rotation::rotate(None, LEAD, now, rng, file, public_keys).await?;
    Ok(())
}
