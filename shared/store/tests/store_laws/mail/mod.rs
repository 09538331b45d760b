//! The laws of `QueueMail`, `MarkSent` and `BudgetMail`, and of `CountSources` where mails are requested.

mod forgetting;
mod races;
mod stream;
mod table;

use auth::{
    attempts::{Admission, CountSources, PseudonymKey},
    mail::{
        BUDGET_WINDOW, BudgetMail, MAIL_FORGOTTEN_AFTER, MailBudget, MailKeys, MailTo, MarkRefused, MarkSent, Purpose,
        QueueMail, QueuedMail, Queueing,
    },
};
use claims::{Moment, Span, TokenId};
use futures::future::join_all;
use rand::{SeedableRng as _, rngs::StdRng};

use crate::{laws, users::email};

const NOW: Moment = Moment::new(1_700_000_000_000);
const ADA: &str = "ada@example.com";
/// A key that seals addresses.
const MAIL_KEYS: &str = r#"{"current":"0123456789abcdefghijklmnopqrstuv"}"#;
const GRACE: &str = "grace@example.com";

laws!(mail:
    of_fifty_mails_at_once_two_are_queued
    a_mail_that_is_queued_again_is_queued_once
    a_repeat_of_the_second_mail_takes_no_later_one
    addresses_do_not_wait_for_each_other
    a_day_after_the_last_mail_all_is_forgotten
    a_mail_is_sent_only_if_it_was_marked_itself
    a_refused_mail_counts_as_sent_and_only_if_it_was_marked_itself
    a_newer_mail_is_not_sent_and_the_older_one_cannot_be_marked
    what_was_never_queued_is_neither_marked_nor_sent
    of_fifty_mails_at_once_a_budget_admits_as_many_as_it_has
    registrations_and_other_mails_have_their_own_budgets
    a_budget_is_full_again_in_the_next_hour
    of_fifty_requests_from_one_source_at_once_each_is_counted
);

async fn of_fifty_mails_at_once_two_are_queued(outbox: &impl QueueMail) {
    let mails: Vec<QueuedMail> = (0..50).map(|number| mail(ADA, number, NOW)).collect();

    let queueings = join_all(mails.iter().map(|mail| outbox.queue(mail))).await;

    // A table may fail a request that meets too many others, but it never queues one more.
    let of = |expected: Queueing| {
        queueings
            .iter()
            .filter(move |queueing| matches!(queueing, Ok(found) if *found == expected))
    };
    assert_eq!(of(Queueing::Queued).count(), 2);
    assert_eq!(of(Queueing::Wait(Span::seconds(60))).count(), 48);
}

async fn a_mail_that_is_queued_again_is_queued_once(outbox: &impl QueueMail) {
    for number in [1, 1, 1, 2, 2] {
        assert_eq!(queue(outbox, ADA, number, NOW).await, Queueing::Queued);
    }

    let third = queue(outbox, ADA, 3, NOW).await;

    assert_eq!(third, Queueing::Wait(Span::seconds(60)));
}

/// A request that was queued changes nothing when it comes again, not even after its wait has begun.
async fn a_repeat_of_the_second_mail_takes_no_later_one(outbox: &impl QueueMail) {
    for number in [1, 2] {
        queue(outbox, ADA, number, NOW).await;
    }
    assert_eq!(queue(outbox, ADA, 2, after(59)).await, Queueing::Queued);

    assert_eq!(queue(outbox, ADA, 3, after(59)).await, Queueing::Wait(Span::seconds(1)));
    assert_eq!(queue(outbox, ADA, 3, after(60)).await, Queueing::Queued);
    assert_eq!(
        queue(outbox, ADA, 4, after(60)).await,
        Queueing::Wait(Span::seconds(120))
    );
}

async fn addresses_do_not_wait_for_each_other(outbox: &impl QueueMail) {
    for number in 0..3 {
        queue(outbox, ADA, number, NOW).await;
    }

    assert_eq!(queue(outbox, GRACE, 9, NOW).await, Queueing::Queued);
}

async fn a_day_after_the_last_mail_all_is_forgotten(outbox: &impl QueueMail) {
    let mut now = NOW;
    for number in 0..12 {
        while let Queueing::Wait(wait) = queue(outbox, ADA, number, now).await {
            now = later(now, wait);
        }
    }
    assert_eq!(queue(outbox, ADA, 20, now).await, Queueing::Wait(Span::seconds(3_600)));

    let next = later(now, MAIL_FORGOTTEN_AFTER);
    for number in [21, 22] {
        assert_eq!(queue(outbox, ADA, number, next).await, Queueing::Queued);
    }
    assert_eq!(queue(outbox, ADA, 23, next).await, Queueing::Wait(Span::seconds(60)));
}

async fn a_mail_is_sent_only_if_it_was_marked_itself(outbox: &(impl QueueMail + MarkSent<QueuedMail>)) {
    let [ada, grace] = [mail(ADA, 1, NOW), mail(GRACE, 2, NOW)];
    for mail in [&ada, &grace] {
        outbox.queue(mail).await.unwrap();
    }
    assert!(!outbox.is_sent(&ada).await.unwrap());

    // Marking it again changes nothing.
    for _ in 0..2 {
        outbox.mark_sent(&ada, after(1)).await.unwrap();
    }

    assert!(outbox.is_sent(&ada).await.unwrap());
    assert!(!outbox.is_sent(&grace).await.unwrap());
    let of_the_same_time = mail(ADA, 3, NOW);
    assert!(!outbox.is_sent(&of_the_same_time).await.unwrap());
}

async fn a_refused_mail_counts_as_sent_and_only_if_it_was_marked_itself(
    outbox: &(impl QueueMail + MarkSent<QueuedMail> + MarkRefused),
) {
    let [ada, grace] = [mail(ADA, 1, NOW), mail(GRACE, 2, NOW)];
    for mail in [&ada, &grace] {
        outbox.queue(mail).await.unwrap();
    }

    outbox.mark_refused(&ada, "MessageRejected", after(1)).await.unwrap();
    outbox
        .mark_refused(&mail(GRACE, 3, NOW), "MessageRejected", after(1))
        .await
        .unwrap();

    assert!(outbox.is_sent(&ada).await.unwrap());
    assert!(!outbox.is_sent(&grace).await.unwrap());
}

async fn a_newer_mail_is_not_sent_and_the_older_one_cannot_be_marked(outbox: &(impl QueueMail + MarkSent<QueuedMail>)) {
    for at in [NOW, after(5)] {
        let address = format!("{}{ADA}", at.get());
        let [older, newer] = [mail(&address, 1, NOW), mail(&address, 2, at)];
        outbox.queue(&older).await.unwrap();
        outbox.mark_sent(&older, at).await.unwrap();

        outbox.queue(&newer).await.unwrap();
        outbox.mark_sent(&older, at).await.unwrap();
        assert!(!outbox.is_sent(&newer).await.unwrap());

        outbox.mark_sent(&newer, at).await.unwrap();
        assert!(outbox.is_sent(&newer).await.unwrap());
        assert!(!outbox.is_sent(&older).await.unwrap());
    }
}

async fn what_was_never_queued_is_neither_marked_nor_sent(outbox: &(impl QueueMail + MarkSent<QueuedMail>)) {
    let never = mail(ADA, 1, NOW);

    outbox.mark_sent(&never, NOW).await.unwrap();

    assert!(!outbox.is_sent(&never).await.unwrap());
    // Nothing was written: both free mails are still there.
    for number in [2, 3] {
        assert_eq!(queue(outbox, ADA, number, NOW).await, Queueing::Queued);
    }
}

async fn of_fifty_mails_at_once_a_budget_admits_as_many_as_it_has(outbox: &impl BudgetMail) {
    let counts = join_all((0..50).map(|_| outbox.count_mail(MailBudget::Users, 20, NOW))).await;

    let admitted: Vec<bool> = counts.into_iter().map(Result::unwrap).collect();
    assert_eq!(admitted.iter().filter(|admitted| **admitted).count(), 20);
}

async fn registrations_and_other_mails_have_their_own_budgets(outbox: &impl BudgetMail) {
    for budget in [MailBudget::Registrations, MailBudget::Users] {
        assert!(outbox.count_mail(budget, 1, NOW).await.unwrap());
        assert!(!outbox.count_mail(budget, 1, NOW).await.unwrap());
    }
    assert!(outbox.count_mail(MailBudget::Users, 2, NOW).await.unwrap());
    assert!(
        !outbox
            .count_mail(MailBudget::Registrations, 0, after(3_600))
            .await
            .unwrap()
    );
}

async fn a_budget_is_full_again_in_the_next_hour(outbox: &impl BudgetMail) {
    let (begin, end) = (Moment::new(1_699_999_200_000), Moment::new(1_700_002_800_000));
    assert_eq!(later(begin, BUDGET_WINDOW), end);
    let before = Moment::new(1_700_002_799_999);

    assert!(outbox.count_mail(MailBudget::Users, 1, NOW).await.unwrap());
    assert!(!outbox.count_mail(MailBudget::Users, 1, before).await.unwrap());
    assert!(outbox.count_mail(MailBudget::Users, 1, end).await.unwrap());
}

async fn of_fifty_requests_from_one_source_at_once_each_is_counted(outbox: &impl CountSources) {
    let source = pseudonyms().hash_source("192.0.2.1");

    let counts = join_all((0..50).map(|_| outbox.count_source(&source, 30, NOW))).await;

    let admitted = counts.iter().filter(|count| matches!(count, Ok(Admission::Admitted)));
    assert_eq!(admitted.count(), 30);
    let other = pseudonyms().hash_source("192.0.2.2");
    assert_eq!(outbox.count_source(&other, 30, NOW).await.unwrap(), Admission::Admitted);
}

/// Requests a mail to this address. `number` is the id of the request.
async fn queue(outbox: &impl QueueMail, address: &str, number: u64, now: Moment) -> Queueing {
    outbox.queue(&mail(address, number, now)).await.unwrap()
}

/// Makes a request with this number.
fn mail(address: &str, number: u64, asked_at: Moment) -> QueuedMail {
    mail_for(Purpose::Reset, address, number, asked_at)
}

fn mail_for(purpose: Purpose, address: &str, number: u64, asked_at: Moment) -> QueuedMail {
    let to = MailTo {
        email: email(address),
        language: None,
        asked_at,
    };
    let (keys, rng) = (
        MailKeys::from_json(MAIL_KEYS).unwrap(),
        &mut StdRng::seed_from_u64(number),
    );
    QueuedMail {
        address: pseudonyms().hash_address(&to.email),
        purpose,
        sealed: keys.seal(purpose, &to, rng).unwrap(),
        asked_at,
        attempt: TokenId::parse(format!("request-{number}")).unwrap(),
        user_id: None,
        grant: None,
    }
}

fn pseudonyms() -> PseudonymKey {
    PseudonymKey::parse("0123456789abcdefghijklmnopqrstuv").unwrap()
}

const fn after(seconds: u64) -> Moment {
    later(NOW, Span::seconds(seconds))
}

const fn later(at: Moment, span: Span) -> Moment {
    Moment::new(at.get().saturating_add(span.get().saturating_mul(1_000)))
}
