//! Finishing a registration with a link or a code.

use auth::{
    accounts::delete_user,
    mail::Purpose,
    password::FindPassword as _,
    register::RegisterError,
    session::FindSession as _,
    user::{FindUser as _, Status},
};

use super::{ANOTHER, CHOSEN, Post, STRANGER, refused};
use crate::world::{EMAIL, PASSWORD, after, email};

#[tokio::test]
async fn anyone_who_follows_the_link_chooses_the_password_and_is_logged_in() {
    let post = Post::new().await;
    let (letter, _) = post.letter(Purpose::Register, "Grace@example.com", 0).await;

    let registered = post.register(letter.by_link(), CHOSEN, 9).await.unwrap();

    assert!(!registered.is_repeated);
    let store = &post.world.store;
    let user = store.user(&registered.user_id).await.unwrap().unwrap();
    assert_eq!(
        (user.email.as_str(), user.status),
        ("Grace@example.com", Status::Enabled)
    );
    assert_eq!((user.role.as_str(), user.scope.as_str()), ("user", "dashboard:read"));
    assert_eq!((user.created_at, user.epoch), (after(9).timestamp(), 0));
    let credentials = store.password_record(&email(STRANGER)).await.unwrap().unwrap();
    assert_eq!(credentials.user_id, user.id);
    assert_eq!(credentials.password_changed_at, after(9).timestamp());
    let session = store.session(&user.id, &registered.tokens.sid).await.unwrap();
    assert_eq!(session.unwrap().auth_time, after(9).timestamp());
    assert_eq!(post.world.read(&registered.tokens, 9).sub(), &user.id);
    assert!(post.logs_in(STRANGER, CHOSEN).await);
}

#[tokio::test]
async fn link_and_code_of_one_request_lead_to_the_same_user() {
    let mut ids = Vec::new();
    for is_code in [false, true] {
        let post = Post::new().await;
        let (letter, request) = post.letter(Purpose::Register, STRANGER, 0).await;
        let proof = if is_code {
            letter.by_code(&request)
        } else {
            letter.by_link()
        };

        let registered = post.register(proof, CHOSEN, 1).await.unwrap();

        assert_eq!(post.world.read(&registered.tokens, 1).own().email, STRANGER);
        ids.push(registered.user_id);
    }

    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn two_requests_lead_to_two_users() {
    let mut ids = Vec::new();
    let post = Post::new().await;
    for address in [STRANGER, "hedy@example.com"] {
        let (letter, _) = post.letter(Purpose::Register, address, 0).await;
        ids.push(post.register(letter.by_link(), CHOSEN, 1).await.unwrap().user_id);
    }

    assert_ne!(ids[0], ids[1]);
}

/// Spaces and hyphens in a code do not count.
#[tokio::test]
async fn a_code_may_be_typed_in_groups() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Register, STRANGER, 0).await;
    let code = letter.code.unwrap();
    let (first, last) = code.split_at(4);
    let code = format!(" {first}-{last} ");
    let proof = auth::mail::Proof::Code {
        request: &request,
        code: &code,
    };

    assert!(post.register(proof, CHOSEN, 1).await.is_ok());
}

#[tokio::test]
async fn a_weak_password_uses_neither_link_nor_code_up() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Register, STRANGER, 0).await;
    for proof in [letter.by_link(), letter.by_code(&request)] {
        for weak in ["", "short", "gracegracegrace"] {
            let outcome = post.register(proof, weak, 1).await;

            assert!(
                matches!(outcome, Err(RegisterError::Password(_))),
                "{weak}: {outcome:?}"
            );
        }
    }

    assert!(post.register(letter.by_code(&request), CHOSEN, 2).await.is_ok());
}

#[tokio::test]
async fn a_used_link_sets_no_other_password() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Register, STRANGER, 0).await;
    post.register(letter.by_link(), CHOSEN, 1).await.unwrap();

    for proof in [letter.by_link(), letter.by_code(&request)] {
        assert_eq!(refused(post.register(proof, ANOTHER, 2).await), "used_link");
    }

    assert!(post.logs_in(STRANGER, CHOSEN).await && !post.logs_in(STRANGER, ANOTHER).await);
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_stays_with_anyone_who_took_it() {
    let post = Post::new().await;
    let (late, request) = post.letter(Purpose::Register, STRANGER, 0).await;
    let (early, _) = post.letter(Purpose::Register, STRANGER, 0).await;
    let owner = post.register(early.by_link(), CHOSEN, 1).await.unwrap().user_id;

    // Even with the password of the owner, it is another registration.
    for password in [ANOTHER, CHOSEN] {
        for proof in [late.by_link(), late.by_code(&request)] {
            assert_eq!(refused(post.register(proof, password, 2).await), "address_taken");
        }
    }

    let stored = post
        .world
        .store
        .password_record(&email(STRANGER))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.user_id, owner);
    assert!(post.logs_in(STRANGER, CHOSEN).await && !post.logs_in(STRANGER, ANOTHER).await);
}

/// A link for an address that the operator has given to somebody else is over.
#[tokio::test]
async fn an_address_that_another_user_moved_to_is_taken() {
    let post = Post::new().await;
    let (letter, _) = post.letter(Purpose::Register, STRANGER, 0).await;
    post.moves(EMAIL, STRANGER, 1).await;

    assert_eq!(
        refused(post.register(letter.by_link(), CHOSEN, 2).await),
        "address_taken"
    );

    assert!(post.logs_in(STRANGER, PASSWORD).await);
}

#[tokio::test]
async fn a_registration_ends_with_its_life() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Register, STRANGER, 0).await;
    let (day, leeway) = (24 * 60 * 60, 30);

    let code = post.register(letter.by_code(&request), CHOSEN, 600).await;
    let link = post.register(letter.by_link(), CHOSEN, day + leeway).await;

    assert_eq!((refused(code), refused(link)), ("expired_code", "invalid_link"));
    assert!(post.register(letter.by_link(), CHOSEN, day + leeway - 1).await.is_ok());
}

#[tokio::test]
async fn a_code_is_valid_to_its_last_second() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Register, STRANGER, 0).await;

    assert!(post.register(letter.by_code(&request), CHOSEN, 599).await.is_ok());
}

/// The link of a mail counts from the request, however late the mail is.
#[tokio::test]
async fn a_late_mail_has_no_longer_life() {
    let post = Post::new().await;
    let mail = post.mail(Purpose::Register, STRANGER, STRANGER, 0);
    post.deliver(&mail, 20 * 60 * 60).await.unwrap();
    let [letter] = post.letters().try_into().unwrap();

    let outcome = post.register(letter.by_link(), CHOSEN, 24 * 60 * 60 + 30).await;

    assert_eq!(refused(outcome), "invalid_link");
}

/// Nothing is stored before the mailbox is proven, so nobody can take an address in advance.
#[tokio::test]
async fn a_request_alone_keeps_nobody_from_registering() {
    let post = Post::new().await;
    for _ in 0..2 {
        post.ask(Purpose::Register, STRANGER, 0).await.unwrap();
    }

    assert_eq!(post.world.store.password_record(&email(STRANGER)).await.unwrap(), None);
    let (letter, _) = post.letter(Purpose::Register, STRANGER, 60).await;
    assert!(post.register(letter.by_link(), CHOSEN, 61).await.is_ok());
}

#[tokio::test]
async fn a_deleted_user_is_not_found_by_the_repeat_of_another_registration() {
    let post = Post::new().await;
    let store = &post.world.store;
    let (letter, _) = post.letter(Purpose::Register, STRANGER, 0).await;
    let (other, _) = post.letter(Purpose::Register, STRANGER, 0).await;
    let first = post.register(letter.by_link(), CHOSEN, 1).await.unwrap();
    delete_user(&email(STRANGER), after(2), store, store, store, store)
        .await
        .unwrap();

    let second = post.register(other.by_link(), CHOSEN, 3).await.unwrap();

    assert_ne!(first.user_id, second.user_id);
    assert_eq!(
        refused(post.register(letter.by_link(), CHOSEN, 4).await),
        "address_taken"
    );
}
