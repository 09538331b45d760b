//! What a stream delivers is what was queued.

use auth::{
    mail::{Grant, MarkSent as _, Notice, Purpose, QueueMail as _, QueuedMail, QueuedNotice, Sealed},
    session::{KeepOneSession as _, OpenSessions as _, Session},
};
use aws_sdk_dynamodb::types::AttributeValue;
use claims::UserId;
use rstest::rstest;
use store::MailTask;

use super::{ADA, NOW, after, mail};
use crate::{
    sessions::session,
    tables::Tables,
    users::{add, user},
};

type Item = std::collections::HashMap<String, AttributeValue>;

#[tokio::test]
async fn a_mail_is_read_as_it_was_queued() {
    for mail in mails() {
        let tables = Tables::new().await;
        tables.mail.queue(&mail).await.unwrap();

        let read = MailTask::read(&stored(&tables).await.into()).unwrap();

        assert_eq!(read, MailTask::Mail(mail));
    }
}

/// The next mail to an address replaces the one before, and nothing of that one stays: neither its user nor its grant
/// nor that it was sent.
#[tokio::test]
async fn a_mail_has_nothing_of_the_one_before() {
    for first in mails() {
        for second in mails() {
            let tables = Tables::new().await;
            let second = QueuedMail {
                asked_at: after(5),
                attempt: "second".parse().unwrap(),
                ..second
            };
            tables.mail.queue(&first).await.unwrap();
            tables.mail.mark_sent(&first, NOW).await.unwrap();
            assert!(stored(&tables).await.contains_key("sent_at"));

            tables.mail.queue(&second).await.unwrap();

            let item = stored(&tables).await;
            assert!(!item.contains_key("sent_at"));
            assert_eq!(MailTask::read(&item.into()).unwrap(), MailTask::Mail(second));
        }
    }
}

/// A mark is the only change that a mailer makes, and it leaves the mail as it is.
#[tokio::test]
async fn a_mark_changes_nothing_of_a_mail() {
    let tables = Tables::new().await;
    let [.., mail] = mails();
    tables.mail.queue(&mail).await.unwrap();

    tables.mail.mark_sent(&mail, after(1)).await.unwrap();

    assert_eq!(
        MailTask::read(&stored(&tables).await.into()).unwrap(),
        MailTask::Mail(mail)
    );
}

#[rstest]
#[case::other_key("key", Some(text("source#abc")))]
#[case::no_pseudonym("key", Some(text("to#ada@example.com")))]
#[case::no_purpose("purpose", None)]
#[case::unknown_purpose("purpose", Some(text("login")))]
#[case::no_address("sealed", None)]
#[case::short_address("sealed", Some(AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new(b"short"))))]
#[case::no_time("asked_at", None)]
#[case::negative_time("asked_at", Some(AttributeValue::N("-1".to_owned())))]
#[case::no_id("attempt", None)]
#[case::half_a_grant("grant_tag", None)]
#[case::no_role("granted_role", None)]
#[case::no_scope("granted_scope", None)]
#[tokio::test]
async fn an_item_that_is_no_mail_is_an_error(#[case] name: &str, #[case] value: Option<AttributeValue>) {
    let tables = Tables::new().await;
    let [.., mail] = mails();
    tables.mail.queue(&mail).await.unwrap();
    let mut item = stored(&tables).await;

    item.remove(name);
    item.extend(value.map(|value| (name.to_owned(), value)));

    assert!(MailTask::read(&item.into()).is_err());
}

/// A later change that Lambda's filter cannot distinguish from the login leads to the same notice, which is queued once.
#[tokio::test]
async fn a_session_on_a_new_device_is_a_notice_with_the_time_of_its_login() {
    let tables = Tables::new().await;
    let session = session(1);
    let notice = QueuedNotice::new(session.user_id.clone(), Notice::NewDevice, NOW);
    let read = async || MailTask::read(&stored_in(&tables, tables.sessions_name()).await.into());

    add(&tables.users, &user(1), ADA).await;
    tables.sessions.create(&session).await.unwrap();
    let at_login = read().await.unwrap();
    assert!(tables.epochs.keep_only(&session, after(60).timestamp()).await.unwrap());
    let afterwards = read().await.unwrap();

    assert_eq!(at_login, MailTask::Queue(notice));
    assert_eq!(afterwards, at_login);
}

/// The attribute is missing, so a filter that looks for it does not match.
#[tokio::test]
async fn a_session_on_a_known_device_is_nothing() {
    let tables = Tables::new().await;
    let session = Session {
        is_new_device: false,
        ..session(1)
    };
    tables.sessions.create(&session).await.unwrap();

    let item = stored_in(&tables, tables.sessions_name()).await;

    assert!(!item.contains_key("new_device"));
    assert!(MailTask::read(&item.into()).is_err());
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Returns a mail without a user, one with a user, and one with a grant.
fn mails() -> [QueuedMail; 3] {
    let plain = mail(ADA, 1, NOW);
    let of_user = QueuedMail {
        purpose: Purpose::AddressOld,
        user_id: Some(UserId::parse("user-1").unwrap()),
        ..plain.clone()
    };
    let invitation = QueuedMail {
        purpose: Purpose::Invite,
        sealed: Sealed::from_bytes(plain.sealed.as_bytes()).unwrap(),
        grant: Some(Grant {
            role: "admin".parse().unwrap(),
            scope: "".parse().unwrap(),
            tag: vec![0, 1, 255],
        }),
        ..plain.clone()
    };
    [plain, of_user, invitation]
}

async fn stored(tables: &Tables) -> Item {
    stored_in(tables, tables.mail_name()).await
}

/// Returns the only item of a table.
async fn stored_in(tables: &Tables, table: String) -> Item {
    let scan = tables.client.scan().table_name(table);
    let [item] = scan.send().await.unwrap().items.unwrap().try_into().unwrap();
    item
}
