//! Setting a new password with a link or a code.

use auth::{
    feed::{Cursor, ReadAnnounced as _, Revocation},
    mail::{Proof, Purpose},
    password::FindPassword as _,
    reset_password::ResetError,
    user::{FindUser as _, Status},
};
use claims::{Moment, UserId};
use doubles::Memory;

use super::{ANOTHER, CHOSEN, Post, STRANGER, refused_reset};
use crate::world::{EMAIL, PASSWORD, after, email, password};

#[tokio::test]
async fn link_and_code_replace_the_password_and_end_all_sessions() {
    for is_code in [false, true] {
        let post = Post::new().await;
        let store = &post.world.store;
        let session = post.world.logged_in().await;
        let (letter, request) = post.letter(Purpose::Reset, EMAIL, 0).await;
        let proof = if is_code {
            letter.by_code(&request)
        } else {
            letter.by_link()
        };

        let user_id = post.reset(proof, CHOSEN, 5).await.unwrap();

        assert_eq!(user_id, post.world.user.id);
        assert!(post.logs_in(EMAIL, CHOSEN).await && !post.logs_in(EMAIL, PASSWORD).await);
        assert!(post.world.refresh(session.refresh.expose(), 6).await.is_err());
        assert_eq!(store.user(&user_id).await.unwrap().unwrap().epoch, 1);
        assert_eq!(ended_epochs(store).await, [(user_id, 1, true)]);
        let stored = store.password_record(&email(EMAIL)).await.unwrap().unwrap();
        assert_eq!(stored.password_changed_at, after(5).timestamp());
    }
}

#[tokio::test]
async fn a_reset_uses_up_its_own_link_and_code_and_all_others() {
    let post = Post::new().await;
    let (first, first_request) = post.letter(Purpose::Reset, EMAIL, 0).await;
    let (second, second_request) = post.letter(Purpose::Reset, EMAIL, 0).await;
    post.reset(first.by_link(), CHOSEN, 1).await.unwrap();

    for (proof, reason) in [
        (first.by_link(), "used_link"),
        (second.by_link(), "used_link"),
        (first.by_code(&first_request), "wrong_code"),
        (second.by_code(&second_request), "wrong_code"),
    ] {
        assert_eq!(refused_reset(post.reset(proof, ANOTHER, 2).await), reason);
    }

    assert!(post.logs_in(EMAIL, CHOSEN).await);
}

/// The user was added at second 0, so this would be the same second three times.
#[tokio::test]
async fn within_one_second_a_link_is_used_once_too() {
    let post = Post::new().await;
    let changed_at = async || {
        let stored = post.world.store.password_record(&email(EMAIL)).await.unwrap().unwrap();
        stored.password_changed_at
    };
    let (first, first_request) = post.letter(Purpose::Reset, EMAIL, 0).await;
    post.reset(first.by_link(), CHOSEN, 0).await.unwrap();
    assert_eq!(changed_at().await, after(1).timestamp());

    for proof in [first.by_link(), first.by_code(&first_request)] {
        refused_reset(post.reset(proof, ANOTHER, 0).await);
    }
    let (second, second_request) = post.letter(Purpose::Reset, EMAIL, 0).await;
    post.reset(second.by_code(&second_request), ANOTHER, 0).await.unwrap();
    assert_eq!(changed_at().await, after(2).timestamp());
    for proof in [second.by_link(), second.by_code(&second_request)] {
        refused_reset(post.reset(proof, CHOSEN, 0).await);
    }
    assert!(post.logs_in(EMAIL, ANOTHER).await);
}

/// A change of password in the second of a reset, or by a clock that is behind, sets a later time too. Otherwise the
/// links would be valid again that were sent for the earlier one.
#[tokio::test]
async fn a_change_of_password_kills_every_link_even_within_a_second() {
    for seconds in [0, 100] {
        let post = Post::new().await;
        let (early, _) = post.letter(Purpose::Reset, EMAIL, 0).await;
        let (own, _) = post.letter(Purpose::Reset, EMAIL, 0).await;
        post.reset(own.by_link(), CHOSEN, 0).await.unwrap();
        let mail = post.mail(Purpose::Reset, EMAIL, EMAIL, 1);
        post.deliver(&mail, 1).await.unwrap();
        let late = post.letters().pop().unwrap();
        let store = &post.world.store;
        let session = post.world.login(EMAIL, CHOSEN, store, store).await.unwrap().tokens;

        post.world.change_password(&session.sid, CHOSEN, seconds).await.unwrap();

        for letter in [early, late] {
            let outcome = post.reset(letter.by_link(), ANOTHER, seconds + 1).await;
            assert_eq!(refused_reset(outcome), "used_link", "second {seconds}");
        }
    }
}

#[tokio::test]
async fn an_operators_new_password_kills_every_link_even_within_a_second() {
    let post = Post::new().await;
    let store = &post.world.store;
    let (letter, request) = post.letter(Purpose::Reset, EMAIL, 0).await;

    let (address, new) = (email(EMAIL), password(CHOSEN));
    auth::accounts::set_password(
        &address,
        &new,
        after(0),
        &mut post.rng(),
        &post.world.hasher,
        store,
        store,
    )
    .await
    .unwrap();

    for proof in [letter.by_link(), letter.by_code(&request)] {
        refused_reset(post.reset(proof, ANOTHER, 0).await);
    }
    assert!(post.logs_in(EMAIL, CHOSEN).await);
}

/// The link went to a mailbox that is no longer that of the user, who kept the password.
#[tokio::test]
async fn a_link_to_the_old_mailbox_opens_nothing_after_a_move() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Reset, EMAIL, 0).await;
    post.moves(EMAIL, STRANGER, 1).await;

    assert_eq!(
        refused_reset(post.reset(letter.by_link(), CHOSEN, 2).await),
        "used_link"
    );
    assert_eq!(
        refused_reset(post.reset(letter.by_code(&request), CHOSEN, 2).await),
        "wrong_code"
    );
    assert!(post.logs_in(STRANGER, PASSWORD).await);
}

/// The address has another user now. A code for the one before is none for the new one.
#[tokio::test]
async fn a_code_is_for_one_user_and_not_for_an_address() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Reset, EMAIL, 0).await;
    post.moves(EMAIL, STRANGER, 1).await;
    let (invitation, _) = post.letter(Purpose::Register, EMAIL, 60).await;
    post.register(invitation.by_link(), CHOSEN, 61).await.unwrap();

    for proof in [letter.by_link(), letter.by_code(&request)] {
        refused_reset(post.reset(proof, ANOTHER, 62).await);
    }
    assert!(post.logs_in(EMAIL, CHOSEN).await && post.logs_in(STRANGER, PASSWORD).await);
}

#[tokio::test]
async fn who_may_not_log_in_resets_nothing() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Reset, EMAIL, 0).await;
    post.world.set_status(Status::Disabled).await;

    assert_eq!(refused_reset(post.reset(letter.by_link(), CHOSEN, 1).await), "no_user");
    assert_eq!(
        refused_reset(post.reset(letter.by_code(&request), CHOSEN, 1).await),
        "wrong_code"
    );
}

#[tokio::test]
async fn a_weak_password_uses_neither_link_nor_code_up() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Reset, EMAIL, 0).await;
    for proof in [letter.by_link(), letter.by_code(&request)] {
        let outcome = post.reset(proof, "short", 1).await;

        assert!(matches!(outcome, Err(ResetError::Password(_))), "{outcome:?}");
    }

    assert_eq!(ended_epochs(&post.world.store).await, []);
    assert!(post.reset(letter.by_code(&request), CHOSEN, 2).await.is_ok());
}

#[tokio::test]
async fn a_reset_ends_with_its_life() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Reset, EMAIL, 0).await;

    let code = post.reset(letter.by_code(&request), CHOSEN, 600).await;
    let link = post.reset(letter.by_link(), CHOSEN, 30 * 60 + 30).await;

    assert_eq!(
        (refused_reset(code), refused_reset(link)),
        ("expired_code", "invalid_link")
    );
    assert!(post.reset(letter.by_link(), CHOSEN, 30 * 60 + 29).await.is_ok());
}

/// For an address that nobody has, there is no code. A guess is refused and counted as it is for any other address.
#[tokio::test]
async fn a_guess_for_nobody_is_refused_like_any_other() {
    let post = Post::new().await;
    for address in [EMAIL, STRANGER] {
        let request = post.ask(Purpose::Reset, address, 0).await.unwrap().request.to_base64();
        for attempt in 0..6 {
            let proof = Proof::Code {
                request: &request,
                code: "12345678",
            };

            let outcome = post.reset(proof, CHOSEN, 1).await;

            match outcome {
                Err(ResetError::Refused("wrong_code")) => assert!(attempt < 5, "{address}"),
                Err(ResetError::Throttled { retry_after, .. }) => assert_eq!((attempt, retry_after.get()), (5, 1)),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Returns the announced epochs: the user, the least epoch of a live session, and whether that is true of all sessions.
pub(super) async fn ended_epochs(store: &Memory) -> Vec<(UserId, u64, bool)> {
    let page = store
        .page(&Cursor::from_millis(Moment::new(0)), after(0))
        .await
        .unwrap();
    let announced = page.revocations.into_iter();
    let epochs = announced.filter_map(|(_, revocation)| match revocation {
        Revocation::Epoch { user_id, least, except } => Some((user_id, least, except.is_none())),
        Revocation::Session { .. } | Revocation::Issued { .. } => None,
    });
    epochs.collect()
}
