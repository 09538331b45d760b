//! A registration that is sent again, because its answer was lost, or by somebody who has found the used link.

use auth::{
    accounts::disable_user,
    mail::Purpose,
    register::{RegisterError, Registered},
};

use super::{ANOTHER, CHOSEN, Post, STRANGER, refused};
use crate::world::{after, email};

#[tokio::test]
async fn a_repeat_with_the_same_password_finds_its_own_user() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Register, STRANGER, 0).await;
    let first = post.register(letter.by_link(), CHOSEN, 1).await.unwrap();

    let by_link = post.register(letter.by_link(), CHOSEN, 2).await.unwrap();
    let by_code = post.register(letter.by_code(&request), CHOSEN, 2).await.unwrap();

    for repeat in [by_link, by_code] {
        assert!(repeat.is_repeated);
        assert_eq!(repeat.user_id, first.user_id);
        assert_ne!(repeat.tokens.sid, first.tokens.sid);
    }
    assert_eq!(doubles::everyone(&post.world.store).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_repeat_logs_nobody_in_who_may_not_log_in() {
    let post = Post::new().await;
    let store = &post.world.store;
    let (letter, _) = post.letter(Purpose::Register, STRANGER, 0).await;
    post.register(letter.by_link(), CHOSEN, 1).await.unwrap();
    disable_user(&email(STRANGER), after(2), store, store).await.unwrap();

    assert_eq!(
        refused(post.register(letter.by_link(), CHOSEN, 3).await),
        "address_taken"
    );
}

/// The user has moved away, and the mailbox of the link is no longer theirs.
#[tokio::test]
async fn a_repeat_finds_nobody_who_has_another_address_now() {
    let post = Post::new().await;
    let (letter, _) = post.letter(Purpose::Register, STRANGER, 0).await;
    post.register(letter.by_link(), CHOSEN, 1).await.unwrap();
    post.moves(STRANGER, "moved@example.com", 2).await;

    assert_eq!(
        refused(post.register(letter.by_link(), CHOSEN, 3).await),
        "address_taken"
    );
    assert!(!post.logs_in(STRANGER, CHOSEN).await);
}

/// A used link lies about in mailboxes and histories for a day. It is no way to try passwords without end.
#[tokio::test]
async fn passwords_are_tried_with_a_used_link_as_rarely_as_codes_are() {
    let post = Post::new().await;
    let (letter, _) = post.letter(Purpose::Register, STRANGER, 0).await;
    post.register(letter.by_link(), CHOSEN, 1).await.unwrap();
    let mut checked = 0;
    for seconds in 2..1_500 {
        let outcome = post.register(letter.by_link(), ANOTHER, seconds).await;
        checked += u64::from(is_checked(&outcome));
    }

    let right = post.register(letter.by_link(), CHOSEN, 1_500).await;

    assert_eq!(checked, 15);
    assert!(matches!(right, Err(RegisterError::Throttled { .. })), "{right:?}");
    assert!(
        post.logs_in(STRANGER, CHOSEN).await,
        "anyone who knows the password logs in"
    );
}

/// A right code is no way either, although each use of it forgets the wrong codes.
#[tokio::test]
async fn passwords_are_not_tried_without_end_with_a_used_code() {
    let post = Post::new().await;
    let (letter, request) = post.letter(Purpose::Register, STRANGER, 0).await;
    post.register(letter.by_link(), CHOSEN, 1).await.unwrap();

    let mut checked = 0;
    for seconds in 2..600 {
        let outcome = post.register(letter.by_code(&request), ANOTHER, seconds).await;
        checked += u64::from(is_checked(&outcome));
    }

    assert!((10..=15).contains(&checked), "{checked}");
}

/// Nor does a link open sessions without end, which would otherwise be bounded by the limits on logins.
#[tokio::test]
async fn repeats_open_few_sessions() {
    let post = Post::new().await;
    let (letter, _) = post.letter(Purpose::Register, STRANGER, 0).await;
    let mut opened = 0;

    for seconds in 1..3_000 {
        let outcome = post.register(letter.by_link(), CHOSEN, seconds).await;
        opened += u64::from(outcome.is_ok());
    }

    assert_eq!(opened, 1 + 15);
}

/// Returns whether the password was compared with that of the user.
fn is_checked(outcome: &Result<Registered, RegisterError>) -> bool {
    matches!(outcome, Err(RegisterError::Refused("used_link")))
}
