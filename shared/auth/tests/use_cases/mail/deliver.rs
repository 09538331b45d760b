//! Delivering a requested mail: once, late, again, and not at all.

use auth::mail::{DeliverError, Delivered, MailKeys, Purpose, QueuedMail, Sealed, SendLetterError};
use rstest::rstest;

use super::{Post, STRANGER};
use crate::{
    doubles::Unreachable,
    world::{EMAIL, after, email},
};

#[rstest]
#[case(Purpose::Register, STRANGER)]
#[case(Purpose::Register, EMAIL)]
#[case(Purpose::Reset, EMAIL)]
#[case(Purpose::Invite, STRANGER)]
#[tokio::test]
async fn a_mail_that_is_delivered_again_is_the_same_byte_for_byte(#[case] purpose: Purpose, #[case] address: &str) {
    let post = Post::new().await;
    let mail = post.mail(purpose, address, address, 0);

    // The mail is in no outbox, so nothing records that it was sent.
    for seconds in [0, 1, 600] {
        assert_eq!(post.deliver(&mail, seconds).await.unwrap(), Delivered::Sent);
    }

    let [one, second, third] = post.letters().try_into().unwrap();
    assert_eq!((&one, &one), (&second, &third));
}

#[tokio::test]
async fn a_mail_that_was_sent_is_not_sent_again() {
    let post = Post::new().await;
    post.ask(Purpose::Reset, EMAIL, 0).await.unwrap();
    let [mail] = post.world.store.queued_mails().try_into().unwrap();

    let delivered = [
        post.deliver(&mail, 1).await.unwrap(),
        post.deliver(&mail, 2).await.unwrap(),
    ];

    assert_eq!(delivered, [Delivered::Sent, Delivered::Before]);
    assert_eq!(post.letters().len(), 1);
}

/// Otherwise, the outbox would tell who exists.
#[rstest]
#[case::nobody(Purpose::Reset, STRANGER)]
#[case::known(Purpose::Reset, EMAIL)]
#[case::unknown(Purpose::Register, STRANGER)]
#[tokio::test]
async fn a_mail_is_marked_whether_or_not_a_letter_was_due(#[case] purpose: Purpose, #[case] address: &str) {
    let post = Post::new().await;
    post.ask(purpose, address, 0).await.unwrap();

    post.deliver_all(1).await;

    assert_eq!(post.world.store.queued_mails(), []);
}

#[tokio::test]
async fn a_mail_that_may_not_have_been_sent_is_sent_again_and_one_that_was_refused_is_not() {
    let post = Post::new().await;
    post.ask(Purpose::Reset, EMAIL, 0).await.unwrap();
    let [mail] = post.world.store.queued_mails().try_into().unwrap();
    let fail = |fault| *post.mailboxes.fault.lock().unwrap() = fault;

    fail(Some(SendLetterError::Unavailable("busy".to_owned())));
    let busy = post.deliver(&mail, 1).await;
    fail(Some(SendLetterError::Refused("suppressed".to_owned())));
    let refused = post.deliver(&mail, 2).await.unwrap();
    fail(None);
    let again = post.deliver(&mail, 3).await.unwrap();

    assert!(matches!(busy, Err(DeliverError::Unavailable(_))), "{busy:?}");
    assert_eq!(refused, Delivered::Refused("suppressed".to_owned()));
    assert_eq!(again, Delivered::Before);
    assert_eq!(post.letters(), []);
}

/// Two requests in one millisecond replace each other. If the first is tried again after the second was sent, it is
/// still sent.
#[tokio::test]
async fn a_mail_does_not_count_as_sent_because_another_one_was() {
    let post = Post::new().await;
    let store = &post.world.store;
    post.ask(Purpose::Register, STRANGER, 0).await.unwrap();
    let [first] = store.queued_mails().try_into().unwrap();
    post.ask(Purpose::Register, STRANGER, 0).await.unwrap();
    let [second] = store.queued_mails().try_into().unwrap();

    let delivered = [
        post.deliver(&second, 1).await.unwrap(),
        post.deliver(&first, 1).await.unwrap(),
    ];

    assert_eq!(delivered, [Delivered::Sent, Delivered::Sent]);
}

#[tokio::test]
async fn a_mail_of_another_key_purpose_time_or_address_is_unreadable() {
    let post = Post::new().await;
    let mail = post.mail(Purpose::Reset, EMAIL, EMAIL, 0);
    let mut changed = mail.sealed.as_bytes().to_vec();
    changed[100] ^= 1;
    let forged = [
        QueuedMail {
            sealed: Sealed::from_bytes(&changed).unwrap(),
            ..mail.clone()
        },
        QueuedMail {
            purpose: Purpose::Register,
            ..mail.clone()
        },
        QueuedMail {
            asked_at: after(1),
            ..mail.clone()
        },
        QueuedMail {
            address: post.world.pseudonyms.hash_address(&email(STRANGER)),
            ..mail.clone()
        },
    ];

    for forged in forged {
        assert_eq!(
            post.deliver(&forged, 1).await.unwrap(),
            Delivered::Unreadable,
            "{forged:?}"
        );
    }
    assert_eq!(post.deliver(&mail, 1).await.unwrap(), Delivered::Sent);
    let other = r#"{"current":"another key of more than 32 characters"}"#;
    let mut other_post = Post::new().await;
    other_post.mail_keys = MailKeys::from_json(other).unwrap();
    assert_eq!(other_post.deliver(&mail, 1).await.unwrap(), Delivered::Unreadable);
    assert_eq!((post.letters().len(), other_post.letters().len()), (1, 0));
}

/// What cannot be read is not looked up either.
#[tokio::test]
async fn an_unreadable_mail_reads_no_user() {
    let post = Post::new().await;
    let mail = QueuedMail {
        purpose: Purpose::Register,
        ..post.mail(Purpose::Reset, EMAIL, EMAIL, 0)
    };

    let delivered = auth::mail::deliver(
        &mail,
        after(1),
        post.mailer(),
        &Unreachable,
        &post.world.store,
        &post.mailboxes,
    );

    assert_eq!(delivered.await.unwrap(), Delivered::Unreadable);
}

#[tokio::test]
async fn a_mail_whose_user_cannot_be_read_is_tried_again() {
    let post = Post::new().await;
    post.ask(Purpose::Reset, EMAIL, 0).await.unwrap();
    let [mail] = post.world.store.queued_mails().try_into().unwrap();

    let (store, mailer) = (&post.world.store, post.mailer());
    let outcome = auth::mail::deliver(&mail, after(1), mailer, &Unreachable, store, &post.mailboxes).await;

    assert!(matches!(outcome, Err(DeliverError::Store(_))), "{outcome:?}");
    assert_eq!(post.deliver_all(2).await, [Delivered::Sent]);
}
