//! `cargo dev --rotate` shows a rotation of the access keys in a minute instead of hours.

use std::time::Duration;

use auth::keys::{PublishKeys, PublishSchedule, ReadSecret as _};
use claims::{Access, Algorithm, Clock as _, KeyEntry, KeySetDocument, Span};
use config::SystemClock;
use tokio::time::sleep;

use crate::{keys::KeyFolder, notice};

/// The time from the start of the stack until the successor is published.
const OVERTURE: Duration = Duration::from_secs(20);
/// The time from the publication of the successor until it signs. It is longer than the minimum time that other
/// verifiers wait between two fetches of the keys.
const LEAD: Span = Span::seconds(50);

/// Rotates the keys if `wanted`, reports each step, and then waits forever.
///
/// # Errors
/// If a key cannot be made, a file cannot be written, or the engine refuses a request.
pub(crate) async fn watch(
    wanted: bool,
    keys: &KeyFolder,
    public_keys: &(impl PublishKeys + PublishSchedule),
) -> anyhow::Result<()> {
    if wanted {
        rotate(keys, public_keys).await?;
    }
    std::future::pending().await
}

async fn rotate(keys: &KeyFolder, public_keys: &(impl PublishKeys + PublishSchedule)) -> anyhow::Result<()> {
    let access = keys.access();
    let current = KeySetDocument::from_json(&access.read().await?)?;
    let now = SystemClock.now().timestamp();
    if let Some(signer) = newest(&current) {
        if signer.activates_at > now {
            let wait = signer.activates_at.since(now).get() / 60;
            print_notice(&format!(
                "{} is published already, and signs in {wait} minutes",
                signer.kid
            ));
            return Ok(());
        }
        print_notice(&format!(
            "{} signs; its successor comes in {} s",
            signer.kid,
            OVERTURE.as_secs()
        ));
    }
    sleep(OVERTURE).await;

    let (now, rng) = (SystemClock.now(), &mut config::random());
    let next = ::rotation::rotate::<Access>(Some(Algorithm::RS256), LEAD, now, rng, &access, public_keys).await?;
    let Some(successor) = newest(&next) else {
        return Ok(());
    };
    let wait = successor.activates_at.since(SystemClock.now().timestamp());
    print_notice(&format!(
        "{} is published, and signs in {} s (in the cloud, {} minutes)",
        successor.kid,
        wait.get(),
        keygen::LEAD.get() / 60
    ));
    sleep(Duration::from_secs(wait.get())).await;

    print_notice(&format!("{} signs from now on", successor.kid));
    for key in next.keys.iter().filter(|key| key.kid != successor.kid) {
        let left = key
            .retires_at
            .map(|at| at.since(SystemClock.now().timestamp()).get() / 60);
        print_notice(&format!(
            "{} is accepted for another {} minutes",
            key.kid,
            left.unwrap_or_default()
        ));
    }
    Ok(())
}

fn newest(document: &KeySetDocument) -> Option<&KeyEntry> {
    document.keys.iter().max_by_key(|key| key.activates_at)
}

fn print_notice(what: &str) {
    notice::print_line(&format!("rotation: key {what}"));
}
