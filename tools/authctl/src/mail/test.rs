//! `authctl mail test` sends a test letter and waits until the mailer is done with it.

use std::time::{Duration, Instant};

use anyhow::bail;
use auth::{
    accounts::start_test,
    attempts::Pseudonym,
    mail::{Language, LatestMail},
    user::Email,
};
use claims::{Clock as _, Moment};
use runtime::{AuditEvent, Event};
use serde_json::json;
use store::MailTable;

use crate::{
    arguments::{Output, Target},
    operator::{Act, Recording},
    outbox::Outbox,
    output, target,
};

/// How often the table is read.
const PAUSE: Duration = Duration::from_millis(500);

/// Queues a test letter, waits for at most this many seconds, and prints what became of it.
pub(super) async fn run(
    email: Email,
    language: Option<Language>,
    wait: u64,
    recording: &Recording,
    target: &Target,
    output: Output,
) -> anyhow::Result<()> {
    let outbox = Outbox::open(target).await?;
    let now = target::user_stores(target).await?.clock().await?.now();
    let (to, rng) = (email.typed().to_owned(), &mut config::random());
    let address = outbox.keys().pseudonyms.hash_address(&email);
    let event = AuditEvent::new(Event::OperatorMailTested).identifier(&address);
    let act = Act::begin(event, recording, target).await?;
    let started = start_test(email, language, now, rng, outbox.keys(), &outbox.table).await;
    let address = act.end(started).await?;
    output::print_note(&format!("queued a test letter to {to}: waiting for the mailer"));
    let end = Instant::now().checked_add(Duration::from_secs(wait));
    let outcome = wait_for(&outbox.table, &address, now, end).await?;
    let identifier = address.as_str();
    match outcome {
        Outcome::Sent => {
            let line = json!({"sent": "test", "email": to, "identifier": identifier});
            let sentence = format!(
                "sent: the provider has accepted the letter. If it does not arrive, look into the folder for spam, and \
                 run `authctl mail status {to}`"
            );
            output::print_result(&line, &sentence, output)
        }
        Outcome::Refused(why) => {
            bail!("the letter was not sent: {why}: look this cause up in docs/mail.md, \"When letters are not sent\"")
        }
        Outcome::Replaced => bail!(
            "another mail was requested for this address meanwhile: look in the log of the mailer for the identifier \
             {identifier}"
        ),
        Outcome::Waiting => bail!(
            "the letter has not been sent yet, and is tried again for 15 minutes: look in the log of the mailer \
             (/aws/lambda/<stack>-mailer-ses or -mailer-event) for mail.unsent with the identifier {identifier}; after \
             that, the request is in the queue MailFailures"
        ),
    }
}

/// What became of the letter.
enum Outcome {
    /// The provider has accepted it.
    Sent,
    /// It will never be sent.
    Refused(String),
    /// A newer mail to this address has taken its place in the table.
    Replaced,
    /// It has not been sent in time.
    Waiting,
}

async fn wait_for(
    table: &MailTable,
    address: &Pseudonym,
    asked_at: Moment,
    end: Option<Instant>,
) -> anyhow::Result<Outcome> {
    loop {
        if let Some(outcome) = outcome(table.latest(address).await?, asked_at) {
            return Ok(outcome);
        }
        if end.is_some_and(|end| Instant::now() >= end) {
            return Ok(Outcome::Waiting);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns what became of the letter, or `None` if it waits.
fn outcome(latest: Option<LatestMail>, asked_at: Moment) -> Option<Outcome> {
    let Some(latest) = latest.filter(|latest| latest.record.asked_at == asked_at) else {
        return Some(Outcome::Replaced);
    };
    match (latest.done_at, latest.refused) {
        (None, _) => None,
        (Some(_), None) => Some(Outcome::Sent),
        (Some(_), Some(why)) => Some(Outcome::Refused(why)),
    }
}
