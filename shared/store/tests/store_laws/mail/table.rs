//! The table of requested mails: a comparison with the double in memory, and the content of the table's items.

use auth::{
    attempts::CountSources as _,
    mail::{BudgetMail as _, MAIL_FORGOTTEN_AFTER, MailBudget, MarkSent as _, QueueMail as _, Queueing},
};
use claims::Moment;
use doubles::Memory;
use engine::{Fault, Wire};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use rstest::rstest;
use store::MailTable;

use super::{ADA, GRACE, NOW, mail, pseudonyms};
use crate::tables::Tables;

/// The number of requests for each seed.
const STEPS: u64 = 1_000;
/// Pauses between two requests in milliseconds, at and next to the waits of the rule.
const PAUSES: [u64; 16] = [
    0, 0, 0, 1, 59_999, 60_000, 60_001, 120_000, 239_999, 240_000, 480_000, 960_000, 1_920_000, 3_599_999, 3_600_000,
    86_400_000,
];

/// Makes the same requests with the table and with the double in memory, which decides by `auth::mail::MailRecord`.
/// Some requests are repeated, as after a lost answer, and some clocks are behind. Both must queue the same mails.
#[rstest]
#[case(1)]
#[case(2)]
#[case(3)]
#[tokio::test]
async fn the_table_queues_exactly_when_the_rule_does(#[case] seed: u64) {
    let (tables, memory) = (Tables::new().await, Memory::default());
    let rng = &mut StdRng::seed_from_u64(seed);
    let (mut now, mut queued) = (NOW, 0_u64);

    for step in 0..STEPS {
        let pause = PAUSES.choose(rng).unwrap();
        let is_rare = *pause == 86_400_000 && rng.random_range(0..4) > 0;
        now = Moment::new(now.get().saturating_add(if is_rare { 0 } else { *pause }));
        let behind = [0, 0, 0, 5_000].choose(rng).unwrap();
        let number = step.saturating_sub(*[0, 0, 0, 1].choose(rng).unwrap());
        let address = [ADA, ADA, ADA, GRACE].choose(rng).unwrap();
        let mail = mail(address, number, Moment::new(now.get().saturating_sub(*behind)));

        let one = memory.queue(&mail).await.unwrap();
        let other = tables.mail.queue(&mail).await.unwrap();

        assert_eq!(one, other, "step {step}");
        queued = queued.saturating_add(u64::from(one == Queueing::Queued));
        let sent = (
            memory.is_sent(&mail).await.unwrap(),
            tables.mail.is_sent(&mail).await.unwrap(),
        );
        assert_eq!(sent.0, sent.1, "step {step}");
        if rng.random_range(0..3) == 0 {
            memory.mark_sent(&mail, now).await.unwrap();
            tables.mail.mark_sent(&mail, now).await.unwrap();
        }
    }
    assert!((STEPS / 10..STEPS * 9 / 10).contains(&queued), "{queued} were queued");
}

/// The answers to all first writes are lost, and the SDK sends each again.
#[tokio::test]
async fn a_mail_whose_answer_is_lost_is_queued_once() {
    let tables = Tables::new().await;
    let wire = Wire::start(tables.engine.endpoint.clone()).await;
    let outbox = MailTable::new(wire.client("test"), tables.mail_name());
    let mut calls = 0;
    wire.fail(move |_| {
        calls += 1;
        (calls % 2 == 1).then_some(Fault::BrokenAfterEffect)
    });

    for number in [1, 2] {
        assert_eq!(outbox.queue(&mail(ADA, number, NOW)).await.unwrap(), Queueing::Queued);
    }

    assert!(matches!(
        outbox.queue(&mail(ADA, 3, NOW)).await.unwrap(),
        Queueing::Wait(_)
    ));
}

#[tokio::test]
async fn a_mail_that_has_to_wait_changes_nothing() {
    let tables = Tables::new().await;
    for number in [1, 2] {
        tables.mail.queue(&mail(ADA, number, NOW)).await.unwrap();
    }
    let before = items(&tables).await;

    for number in [3, 2] {
        tables.mail.queue(&mail(ADA, number, NOW)).await.unwrap();
    }

    assert_eq!(items(&tables).await, before);
}

/// Each item can be deleted once nothing in it counts any more, and names nobody.
#[tokio::test]
async fn an_item_expires_and_names_nobody() {
    let tables = Tables::new().await;
    tables.mail.queue(&mail(ADA, 1, NOW)).await.unwrap();
    tables.mail.mark_sent(&mail(ADA, 1, NOW), NOW).await.unwrap();
    let source = pseudonyms().hash_source("192.0.2.1");
    tables.mail.count_source(&source, 9, NOW).await.unwrap();
    for budget in [MailBudget::Users, MailBudget::Registrations] {
        tables.mail.count_mail(budget, 9, NOW).await.unwrap();
    }

    let items = items(&tables).await;

    let mut kinds = Vec::new();
    for item in &items {
        let (key, text) = (item["key"].as_s().unwrap(), format!("{item:?}"));
        let ttl: u64 = item["ttl"].as_n().unwrap().parse().unwrap();
        let kind = key.split('#').next().unwrap().to_owned();
        let life = if kind == "to" { MAIL_FORGOTTEN_AFTER.get() } else { 900 };
        assert!(ttl >= NOW.timestamp().get().saturating_add(life), "{text}");
        assert!(
            ttl <= NOW.timestamp().get().saturating_add(MAIL_FORGOTTEN_AFTER.get()),
            "{text}"
        );
        assert!(!text.contains("example.com") && !text.contains("192.0.2.1"), "{text}");
        // The stream's filter takes items with a purpose that were not sent.
        assert_eq!(item.contains_key("purpose"), kind == "to", "{text}");
        kinds.push(kind);
    }
    kinds.sort_unstable();
    assert_eq!(kinds, ["sent", "sent", "source", "to"]);
}

type Item = std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>;

async fn items(tables: &Tables) -> Vec<Item> {
    let scan = tables.client.scan().table_name(tables.mail_name());
    scan.send().await.unwrap().items.unwrap()
}
