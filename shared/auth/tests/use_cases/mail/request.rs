//! Requesting a mail: one answer for everybody, and the limits.

use auth::{
    attempts::{Admission, CountSources, Pseudonym},
    error::StoreError,
    mail::{Purpose, QueueMail, QueuedMail, Queueing},
    request_mail::{MailRequested, RequestMailError},
    user::Status,
};
use claims::Moment;
use doubles::Memory;

use super::{Post, STRANGER};
use crate::world::{EMAIL, after, email};

/// An outbox, and nothing else: no user can be read in it. A request for mail needs no other port, or this does not
/// compile.
struct OutboxOnly<'a>(&'a Memory);

impl QueueMail for OutboxOnly<'_> {
    async fn queue(&self, mail: &QueuedMail) -> Result<Queueing, StoreError> {
        self.0.queue(mail).await
    }
}

impl CountSources for OutboxOnly<'_> {
    async fn count_source(&self, source: &Pseudonym, limit: u64, now: Moment) -> Result<Admission, StoreError> {
        self.0.count_source(source, limit, now).await
    }

    async fn excuse_source(&self, _: &Pseudonym, _: Moment) -> Result<(), StoreError> {
        panic!("a request for mail is never excused")
    }
}

#[tokio::test]
async fn the_answer_does_not_depend_on_who_has_the_address() {
    let mut lengths = Vec::new();
    for purpose in [Purpose::Register, Purpose::Reset] {
        for (address, status) in [
            (EMAIL, Status::Enabled),
            (EMAIL, Status::Disabled),
            (STRANGER, Status::Enabled),
            ("a@b", Status::Enabled),
        ] {
            let post = Post::new().await;
            post.world.set_status(status).await;
            let outbox = OutboxOnly(&post.world.store);

            let MailRequested { request, .. } = post.ask_by(purpose, address, None, 0, &outbox).await.unwrap();

            lengths.push(request.to_base64().len());
        }
    }

    assert_eq!(lengths, [466; 8]);
}

#[tokio::test]
async fn what_is_queued_is_what_was_asked_for() {
    let post = Post::new().await;

    let requested = post.ask(Purpose::Reset, " ADA@example.com ", 7).await.unwrap();

    let [queued] = post.world.store.queued_mails().try_into().unwrap();
    assert_eq!((queued.purpose, queued.asked_at), (Purpose::Reset, after(7)));
    assert_eq!((queued.user_id, queued.grant), (None, None));
    assert_eq!(queued.sealed, requested.request);
    assert_eq!(queued.address, post.world.pseudonyms.hash_address(&email(EMAIL)));
    assert_eq!(queued.address, requested.address);
    let to = post.mail_keys.open(Purpose::Reset, &queued.sealed).unwrap();
    assert_eq!((to.email.typed(), to.asked_at), ("ADA@example.com", after(7)));
    assert_eq!(to.language.unwrap().as_str(), "de");
}

#[tokio::test]
async fn two_requests_for_one_address_are_two_different_ones() {
    let post = Post::new().await;

    let one = post.ask(Purpose::Reset, EMAIL, 0).await.unwrap();
    let other = post.ask(Purpose::Reset, EMAIL, 0).await.unwrap();

    assert_ne!(one.request, other.request);
}

/// All purposes share the limit of an address, however it is typed, and nobody else waits for it.
#[tokio::test]
async fn the_third_mail_to_an_address_waits_whether_or_not_a_user_has_it() {
    for address in [EMAIL, STRANGER] {
        let post = Post::new().await;
        post.ask(Purpose::Register, address, 0).await.unwrap();
        post.ask(Purpose::Reset, &address.to_uppercase(), 0).await.unwrap();

        for purpose in [Purpose::Register, Purpose::Reset] {
            let third = post.ask(purpose, address, 1).await;

            assert_eq!(throttled(&third), Some(("address", 59)), "{third:?}");
        }
        post.ask(Purpose::Reset, "somebody@example.com", 1).await.unwrap();
        post.ask(Purpose::Reset, address, 60).await.unwrap();
        let fourth = post.ask(Purpose::Reset, address, 60).await;
        assert_eq!(throttled(&fourth), Some(("address", 120)));
    }
}

#[tokio::test]
async fn a_source_asks_for_so_many_mails_and_no_more_whatever_the_addresses_are() {
    let mut post = Post::new().await;
    post.world.source_limit = Some(3);
    let ask = async |number: u64, ip| {
        let address = format!("{number}@example.com");
        post.ask_by(Purpose::Register, &address, Some(ip), 0, &post.world.store)
            .await
    };
    for number in 0..3 {
        ask(number, "192.0.2.1").await.unwrap();
    }

    let fourth = ask(3, "192.0.2.1").await;

    assert!(matches!(throttled(&fourth), Some(("source", 1..=900))), "{fourth:?}");
    assert_eq!(
        post.world.store.queued_mails().len(),
        3,
        "a refused request queues nothing"
    );
    ask(3, "192.0.2.2").await.unwrap();
}

/// A request that is refused for its address counts for its source, and the other way round it queues nothing.
#[tokio::test]
async fn a_request_that_has_to_wait_still_counts_for_its_source() {
    let mut post = Post::new().await;
    post.world.source_limit = Some(4);
    let ask = async |address| {
        post.ask_by(Purpose::Reset, address, Some("192.0.2.1"), 0, &post.world.store)
            .await
    };
    for _ in 0..2 {
        ask(EMAIL).await.unwrap();
    }
    for _ in 0..2 {
        assert_eq!(throttled(&ask(EMAIL).await), Some(("address", 60)));
    }

    let elsewhere = ask(STRANGER).await;

    assert!(matches!(throttled(&elsewhere), Some(("source", _))), "{elsewhere:?}");
}

/// Returns the limit that was reached and the wait in seconds, if the request has to wait.
fn throttled(outcome: &Result<MailRequested, RequestMailError>) -> Option<(&'static str, u64)> {
    match outcome {
        Err(RequestMailError::Throttled { limit, retry_after, .. }) => Some((limit, retry_after.get())),
        _ => None,
    }
}
