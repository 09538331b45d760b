//! Which letter a requested mail leads to, and to whom it goes.

use auth::{
    mail::{Delivered, Grant, MailTo, Purpose, QueuedMail},
    user::Status,
};
use claims::{TokenId, UserId};
use rstest::rstest;

use super::{Post, STRANGER};
use crate::world::{EMAIL, after, email};

/// Who has the address that a mail is about.
#[derive(Clone, Copy, Debug)]
enum Holder {
    Nobody,
    Enabled,
    Disabled,
}

/// The rows of the table in the design. The user who moves, where there is one, is the one who has [`EMAIL`].
#[rstest]
#[case::register_nobody(Purpose::Register, Holder::Nobody, Some("register"))]
#[case::register_known(Purpose::Register, Holder::Enabled, Some("registered"))]
#[case::register_disabled(Purpose::Register, Holder::Disabled, None)]
#[case::reset_nobody(Purpose::Reset, Holder::Nobody, None)]
#[case::reset_known(Purpose::Reset, Holder::Enabled, Some("reset"))]
#[case::reset_disabled(Purpose::Reset, Holder::Disabled, None)]
#[case::invite_nobody(Purpose::Invite, Holder::Nobody, Some("invite"))]
#[case::invite_known(Purpose::Invite, Holder::Enabled, None)]
#[case::invite_disabled(Purpose::Invite, Holder::Disabled, None)]
#[tokio::test]
async fn a_letter_follows_from_the_purpose_and_the_holder(
    #[case] purpose: Purpose,
    #[case] holder: Holder,
    #[case] expected: Option<&str>,
) {
    let post = Post::new().await;
    let address = match holder {
        Holder::Nobody => STRANGER,
        Holder::Enabled => EMAIL,
        Holder::Disabled => {
            post.world.set_status(Status::Disabled).await;
            EMAIL
        }
    };
    let mail = post.mail(purpose, address, address, 0);

    let delivered = post.deliver(&mail, 1).await.unwrap();

    let letters = post.letters();
    let names: Vec<(&str, &str)> = letters.iter().map(|sent| (sent.name, sent.to.as_str())).collect();
    assert_eq!(names, Vec::from_iter(expected.map(|name| (name, address))));
    let is_sent = expected.map_or(Delivered::NotDue, |_| Delivered::Sent);
    assert_eq!(delivered, is_sent);
}

#[tokio::test]
async fn a_move_is_first_confirmed_where_the_user_is_now() {
    let post = Post::new().await;
    let mail = post.mail(Purpose::AddressOld, EMAIL, STRANGER, 0);

    assert_eq!(post.deliver(&mail, 1).await.unwrap(), Delivered::Sent);

    let [letter] = post.letters().try_into().unwrap();
    assert_eq!((letter.name, letter.to.as_str()), ("address_old", EMAIL));
}

#[tokio::test]
async fn a_move_is_then_confirmed_at_the_new_address() {
    let post = Post::new().await;
    let mail = post.mail(Purpose::AddressNew, STRANGER, STRANGER, 0);

    assert_eq!(post.deliver(&mail, 1).await.unwrap(), Delivered::Sent);

    let [letter] = post.letters().try_into().unwrap();
    assert_eq!((letter.name, letter.to.as_str()), ("address_new", STRANGER));
}

#[tokio::test]
async fn the_holder_of_an_address_is_told_that_another_user_wanted_it() {
    let post = Post::new().await;
    let other = QueuedMail {
        user_id: Some(UserId::parse("other").unwrap()),
        ..post.mail(Purpose::AddressNew, EMAIL, EMAIL, 0)
    };

    assert_eq!(post.deliver(&other, 1).await.unwrap(), Delivered::Sent);

    let [letter] = post.letters().try_into().unwrap();
    assert_eq!(
        (letter.name, letter.to.as_str(), letter.link),
        ("address_taken", EMAIL, None)
    );
}

/// No letter is due for a move by nobody, by somebody unknown or by a user who may not log in.
#[tokio::test]
async fn a_move_needs_a_user_who_may_log_in() {
    let post = Post::new().await;
    for (purpose, counted) in [(Purpose::AddressOld, EMAIL), (Purpose::AddressNew, STRANGER)] {
        let mail = post.mail(purpose, counted, STRANGER, 0);
        for user_id in [None, Some(UserId::parse("unknown").unwrap())] {
            let mail = QueuedMail {
                user_id,
                ..mail.clone()
            };
            assert_eq!(post.deliver(&mail, 1).await.unwrap(), Delivered::NotDue, "{purpose:?}");
        }
        post.world.set_status(Status::Disabled).await;
        assert_eq!(post.deliver(&mail, 1).await.unwrap(), Delivered::NotDue, "{purpose:?}");
        post.world.set_status(Status::Enabled).await;
    }

    assert_eq!(post.letters(), []);
}

/// A letter to the present address goes nowhere once the user has moved away from it.
#[tokio::test]
async fn a_move_that_was_counted_for_another_address_is_not_due() {
    let post = Post::new().await;
    let mail = post.mail(Purpose::AddressOld, "former@example.com", STRANGER, 0);

    assert_eq!(post.deliver(&mail, 1).await.unwrap(), Delivered::NotDue);
}

/// Some spellings of an address may be other mailboxes. Who has the account has the mailbox as they typed it.
#[rstest]
#[case(Purpose::Reset, "reset")]
#[case(Purpose::Register, "registered")]
#[tokio::test]
async fn a_letter_to_a_user_goes_to_the_address_as_the_user_has_it(#[case] purpose: Purpose, #[case] name: &str) {
    for typed in ["ADA@EXAMPLE.COM", "\u{ff21}da@example.com", "ada@example.com."] {
        let post = Post::new().await;

        let (letter, _) = post.letter(purpose, typed, 0).await;

        assert_eq!((letter.name, letter.to.as_str()), (name, EMAIL), "{typed}");
    }
}

#[tokio::test]
async fn a_letter_has_the_language_and_the_id_of_its_request() {
    let post = Post::new().await;
    post.ask(Purpose::Reset, EMAIL, 0).await.unwrap();
    let [mail] = post.world.store.queued_mails().try_into().unwrap();

    post.deliver(&mail, 1).await.unwrap();

    let [letter] = post.letters().try_into().unwrap();
    assert_eq!(
        (letter.language.as_deref(), letter.id.as_str()),
        (Some("de"), mail.attempt.as_str())
    );
}

#[tokio::test]
async fn a_deployment_without_codes_sends_links_alone() {
    let mut post = Post::new().await;
    post.has_codes = false;

    let (reset, _) = post.letter(Purpose::Reset, EMAIL, 0).await;
    let (register, _) = post.letter(Purpose::Register, STRANGER, 0).await;

    assert_eq!((reset.code, register.code), (None, None));
    assert!(reset.link.is_some() && register.link.is_some());
}

impl Post {
    /// Makes a request for a mail that is counted for one address and is about another. It is made by the user of
    /// [`EMAIL`], and an operator grants the role `admin`.
    pub(super) fn mail(&self, purpose: Purpose, counted: &str, about: &str, seconds: u64) -> QueuedMail {
        let (asked_at, rng) = (after(seconds), &mut self.rng());
        let to = MailTo {
            email: email(about),
            language: None,
            asked_at,
        };
        let sealed = self.mail_keys.seal(purpose, &to, rng).unwrap();
        let (role, scope) = ("admin".parse().unwrap(), "users:write".parse().unwrap());
        let grant = Grant::new(role, scope, &sealed, asked_at, &self.grant_keys).unwrap();
        QueuedMail {
            address: self.world.pseudonyms.hash_address(&email(counted)),
            purpose,
            sealed,
            asked_at,
            attempt: TokenId::draw(asked_at, rng),
            user_id: Some(self.world.user.id.clone()),
            grant: (purpose == Purpose::Invite).then_some(grant),
        }
    }
}
