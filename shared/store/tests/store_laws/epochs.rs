//! The laws of `RaiseEpoch` and `KeepOneSession`.

use auth::{
    session::{KeepOneSession, RevokeReason, Session},
    user::{RaiseEpoch, User},
};
use doubles::Everyone;
use futures::future::join_all;

use crate::{
    laws,
    sessions::{NOW, Sessions, revoke, session, stored},
    users::{add, user},
};

/// The ports that end sessions through the epoch.
trait Epochs: RaiseEpoch + KeepOneSession {}
impl<E: RaiseEpoch + KeepOneSession> Epochs for E {}

laws! { all:
    two_of_the_same_epoch_raise_it_once
    of_many_at_once_one_raises_the_epoch
    the_session_that_is_kept_moves_with_its_user
    a_session_that_cannot_be_kept_leaves_its_user_alone
    what_is_not_there_is_never_made
}

async fn two_of_the_same_epoch_raise_it_once(users: &impl Everyone, _: &impl Sessions, epochs: &impl Epochs) {
    let ada = ada(users).await;

    assert!(epochs.raise(&ada.id, 0, NOW).await.unwrap());
    assert!(!epochs.raise(&ada.id, 0, NOW).await.unwrap());
    assert!(!epochs.raise(&ada.id, 2, NOW).await.unwrap());

    assert_eq!(epoch(users, &ada).await, 1);
}

async fn of_many_at_once_one_raises_the_epoch(users: &impl Everyone, _: &impl Sessions, epochs: &impl Epochs) {
    let ada = ada(users).await;

    let outcomes = join_all((0..20).map(|_| epochs.raise(&ada.id, 0, NOW))).await;

    let raised = outcomes.into_iter().filter(|outcome| *outcome.as_ref().unwrap());
    assert_eq!((raised.count(), epoch(users, &ada).await), (1, 1));
}

async fn the_session_that_is_kept_moves_with_its_user(
    users: &impl Everyone,
    sessions: &impl Sessions,
    epochs: &impl Epochs,
) {
    let ada = ada(users).await;
    let (kept, other) = (of(&ada, 1), of(&ada, 2));
    for session in [&kept, &other] {
        sessions.create(session).await.unwrap();
    }

    assert!(epochs.keep_only(&kept, NOW).await.unwrap());
    assert!(!epochs.keep_only(&other, NOW).await.unwrap());

    assert_eq!(epoch(users, &ada).await, 1);
    assert_eq!(stored(sessions, &kept).await, Some(Session { epoch: 1, ..kept }));
    assert_eq!(stored(sessions, &other).await, Some(other));
}

async fn a_session_that_cannot_be_kept_leaves_its_user_alone(
    users: &impl Everyone,
    sessions: &impl Sessions,
    epochs: &impl Epochs,
) {
    let ada = ada(users).await;
    let (unknown, revoked) = (of(&ada, 1), of(&ada, 2));
    let earlier = Session {
        epoch: 1,
        ..of(&ada, 3)
    };
    sessions.create(&revoked).await.unwrap();
    sessions.create(&earlier).await.unwrap();
    revoke(sessions, &revoked, RevokeReason::Logout, NOW).await;

    for session in [unknown, revoked, earlier] {
        assert!(!epochs.keep_only(&session, NOW).await.unwrap());
    }

    assert_eq!(epoch(users, &ada).await, 0);
}

async fn what_is_not_there_is_never_made(users: &impl Everyone, sessions: &impl Sessions, epochs: &impl Epochs) {
    let (nobody, session) = (user(1), session(1));
    sessions.create(&session).await.unwrap();

    assert!(!epochs.raise(&nobody.id, 0, NOW).await.unwrap());
    assert!(!epochs.keep_only(&session, NOW).await.unwrap());

    assert_eq!(users.user(&nobody.id).await.unwrap(), None);
    assert_eq!(doubles::everyone(users).await.unwrap(), []);
    assert_eq!(stored(sessions, &session).await, Some(session));
}

async fn ada(users: &impl Everyone) -> User {
    let ada = user(1);
    add(users, &ada, "ada@example.com").await;
    ada
}

fn of(user: &User, number: u8) -> Session {
    Session {
        user_id: user.id.clone(),
        ..session(number)
    }
}

async fn epoch(users: &impl Everyone, user: &User) -> u64 {
    users.user(&user.id).await.unwrap().unwrap().epoch
}
