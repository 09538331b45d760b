//! Mails that an operator starts.

use auth::{
    accounts::{Invitation, QueueingKeys, StartMailError, StartedMail},
    mail::{Delivered, Language, Purpose},
    user::{FindUser as _, NewUser, Status},
};
use claims::{Span, UserClaims};

use super::{ANOTHER, CHOSEN, Post, STRANGER, refused_reset};
use crate::{
    doubles::Unreachable,
    world::{EMAIL, PASSWORD, after, email},
};

#[tokio::test]
async fn an_invited_person_gets_a_letter_and_what_the_operator_chose() {
    let post = Post::new().await;

    let started = post.invite(STRANGER, "admin", "users:write").await.unwrap();

    let address = post.world.pseudonyms.hash_address(&email(STRANGER));
    let expected = StartedMail {
        purpose: Purpose::Invite,
        to: STRANGER.to_owned(),
        address,
        life: Span::seconds(604_800),
    };
    assert_eq!(started, expected);
    assert_eq!(post.deliver_all(1).await, [Delivered::Sent]);
    let [letter] = post.letters().try_into().unwrap();
    assert_eq!((letter.name, letter.to.as_str()), ("invite", STRANGER));
    assert_eq!(letter.language.as_deref(), Some("de"));
    let registered = post.register(letter.by_link(), CHOSEN, 604_829).await.unwrap();
    let user = post.world.store.user(&registered.user_id).await.unwrap().unwrap();
    assert_eq!((user.role.as_str(), user.scope.as_str()), ("admin", "users:write"));
}

#[tokio::test]
async fn a_user_gets_a_letter_and_the_present_password_is_valid_until_another_is_set() {
    let post = Post::new().await;

    let started = post.start_reset("ADA@EXAMPLE.COM").await.unwrap();

    assert_eq!((started.purpose, started.to.as_str()), (Purpose::Reset, EMAIL));
    assert_eq!(started.life, Span::seconds(1_800));
    assert_eq!(post.deliver_all(1).await, [Delivered::Sent]);
    let [letter] = post.letters().try_into().unwrap();
    assert_eq!((letter.name, letter.to.as_str()), ("reset", EMAIL));
    // A code is valid only with the answer to a request, which the user does not have.
    assert_eq!(letter.code, None);
    assert_eq!(letter.language.as_deref(), Some("de"));
    assert!(post.logs_in(EMAIL, PASSWORD).await);
    post.reset(letter.by_link(), CHOSEN, 1_829).await.unwrap();
    assert!(post.logs_in(EMAIL, CHOSEN).await && !post.logs_in(EMAIL, PASSWORD).await);
    assert_eq!(
        refused_reset(post.reset(letter.by_link(), ANOTHER, 1_829).await),
        "used_link"
    );
}

#[tokio::test]
async fn what_would_lead_to_no_letter_is_refused_and_queues_nothing() {
    let post = Post::new().await;
    let invite = async |address: &str| post.invite(address, "user", "").await.unwrap_err().to_string();
    let reset = async |address: &str| post.start_reset(address).await.unwrap_err().to_string();
    let taken = "a user with this address already exists: send a mail to reset the password instead";
    let unknown = "no user has this address: invite them instead";
    let marks = "no mail can be sent to this address: before the @, use letters, digits and the usual marks of ASCII";

    assert_eq!(invite("ADA@example.com").await, taken);
    assert_eq!(invite("x<ada@example.com>").await, marks);
    assert_eq!(reset(STRANGER).await, unknown);
    post.world.set_status(Status::Disabled).await;
    assert_eq!(invite(EMAIL).await, taken);
    assert_eq!(
        reset(EMAIL).await,
        "this user is disabled and gets no mail: enable the user first"
    );

    assert_eq!(post.world.store.queued_mails(), []);
}

/// Otherwise, the invited person would get a link that works for nobody, or no letter at all.
#[tokio::test]
async fn an_invitation_that_nobody_could_accept_is_refused() {
    let post = Post::new().await;
    let longest = post.invite(STRANGER, "user", &"s".repeat(169)).await;
    assert!(longest.is_ok(), "{longest:?}");

    let over = post.invite(STRANGER, "user", &"s".repeat(172)).await;
    let longest_address = "a".repeat(242) + "@example.com";
    let room = UserClaims::MAX_LENGTH - r#"{"scope":"","role":"","email":""}"#.len() - longest_address.len();
    let refused = post.invite(&longest_address, &"r".repeat(room + 5), "").await;

    let told = "role and scope are 3 bytes too long for a link: shorten them, or add the user with a password";
    assert_eq!(over.unwrap_err().to_string(), told);
    assert!(
        matches!(refused, Err(StartMailError::TooLong { excess: 5 })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_operator_waits_as_everybody_else_does() {
    let post = Post::new().await;
    for _ in 0..2 {
        post.start_reset(EMAIL).await.unwrap();
    }

    let third = post.start_reset(EMAIL).await;

    assert_eq!(
        third.unwrap_err().to_string(),
        "too many mails were requested for this address: try again in 60 seconds"
    );
}

#[tokio::test]
async fn a_store_that_fails_is_reported() {
    let post = Post::new().await;
    let invitation = Invitation {
        user: new_user(STRANGER, "user", ""),
        language: None,
    };
    let (rng, store) = (&mut post.rng(), &post.world.store);
    let (grants, keys) = (&post.grant_keys, post.queueing_keys());

    let outcome = auth::accounts::invite_user(invitation, after(0), rng, grants, keys, &Unreachable, store).await;

    assert!(matches!(outcome, Err(StartMailError::Store(_))), "{outcome:?}");
    assert_eq!(store.queued_mails(), []);
}

impl Post {
    async fn invite(&self, address: &str, role: &str, scope: &str) -> Result<StartedMail, StartMailError> {
        let invitation = Invitation {
            user: new_user(address, role, scope),
            language: Some(Language::parse("de").unwrap()),
        };
        let (rng, store) = (&mut self.rng(), &self.world.store);
        let (grants, keys) = (&self.grant_keys, self.queueing_keys());
        auth::accounts::invite_user(invitation, after(0), rng, grants, keys, store, store).await
    }

    async fn start_reset(&self, address: &str) -> Result<StartedMail, StartMailError> {
        let language = Some(Language::parse("de").unwrap());
        let (rng, store, keys) = (&mut self.rng(), &self.world.store, self.queueing_keys());
        auth::accounts::start_reset(email(address), language, after(0), rng, keys, store, store).await
    }

    const fn queueing_keys(&self) -> QueueingKeys<'_> {
        QueueingKeys {
            mail_keys: &self.mail_keys,
            pseudonyms: &self.world.pseudonyms,
        }
    }
}

fn new_user(address: &str, role: &str, scope: &str) -> NewUser {
    NewUser {
        email: email(address),
        role: role.parse().unwrap(),
        scope: scope.parse().unwrap(),
    }
}
