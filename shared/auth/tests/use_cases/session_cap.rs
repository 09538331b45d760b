//! The cap on the sessions that a user has at once.

use auth::{
    error::StoreError,
    feed::{AnnounceRevocations, Cursor, ReadAnnounced as _, Revocation},
    login::{LoggedIn, LoginError},
    session::{LogoutScope, RevokeReason},
};
use claims::{Moment, SessionId, SignError, Timestamp};
use futures::future::join_all;

use crate::{
    doubles::{Full, NeverFound, Unreachable},
    world::{EMAIL, LoginSessions, PASSWORD, World, after, email, keys, password, request},
};

#[tokio::test]
async fn a_login_beyond_the_cap_ends_the_least_recently_used_session() {
    let world = world(2).await;
    let first = login(&world, 0).await.unwrap();
    let second = login(&world, 1).await.unwrap();
    world.refresh(first.tokens.refresh.expose(), 20).await.unwrap();

    let third = login(&world, 30).await.unwrap();

    let sid = second.tokens.sid;
    assert_eq!(third.ended.ended, std::slice::from_ref(&sid));
    assert!(third.ended.failed.is_none());
    let evicted = Some((after(30).timestamp(), RevokeReason::Evicted));
    assert_eq!(world.session(&sid).await.revoked, evicted);
    assert_eq!(announced(&world).await, [(after(30).timestamp(), sid)]);
    assert_eq!(alive(&world, 30).await, [third.tokens.sid, first.tokens.sid]);
}

#[tokio::test]
async fn sessions_that_are_over_do_not_count() {
    let world = world(1).await;
    let revoked = login(&world, 0).await.unwrap().tokens;
    world.logout(revoked.refresh.expose(), LogoutScope::Session, 1).await;
    login(&world, 2).await.unwrap();
    auth::accounts::end_sessions(&email(EMAIL), after(3), &world.store, &world.store, &world.store)
        .await
        .unwrap();
    let idle = login(&world, 4).await.unwrap();
    assert!(idle.ended.ended.is_empty());

    // A session ends after an hour without a refresh, plus half a minute for clocks that differ.
    let just_alive = login(&world, 4 + 3_629).await.unwrap();
    let over = login(&world, 4 + 3_629 + 3_630).await.unwrap();

    assert_eq!(just_alive.ended.ended, [idle.tokens.sid]);
    assert!(over.ended.ended.is_empty(), "{over:?}");
}

#[tokio::test]
async fn a_login_that_hands_out_no_tokens_ends_nothing() {
    let mut world = world(1).await;
    let only = login(&world, 0).await.unwrap().tokens.sid;

    let wrong = login_with(&world, "something else", 1, &world.store, &world.store).await;
    let not_written = login_with(&world, PASSWORD, 2, &Full(&world.store), &world.store).await;
    world.keys = keys(after(10).timestamp().get());
    let not_signed = login(&world, 3).await;

    assert!(matches!(wrong, Err(LoginError::WrongPassword(_))), "{wrong:?}");
    assert!(matches!(not_written, Err(LoginError::Store(_))), "{not_written:?}");
    assert!(
        matches!(not_signed, Err(LoginError::Sign(SignError::NoActiveKey))),
        "{not_signed:?}"
    );
    assert_eq!(alive(&world, 4).await, [only]);
    assert_eq!(announced(&world).await, []);
}

#[tokio::test]
async fn an_end_that_fails_hinders_no_login_and_the_next_one_makes_up_for_it() {
    let world = world(2).await;
    for seconds in 0..2 {
        login(&world, seconds).await.unwrap();
    }

    let third = login_with(&world, PASSWORD, 2, &world.store, &Unreachable)
        .await
        .unwrap();
    let still = alive(&world, 2).await;
    let fourth = login(&world, 3).await.unwrap();

    let failed = third.ended.failed;
    assert!(matches!(failed, Some(StoreError::Unavailable { .. })), "{failed:?}");
    // A session is not revoked if its end could not be announced.
    assert_eq!(still.len(), 3);
    assert_eq!(fourth.ended.ended.len(), 2);
    assert_eq!(alive(&world, 3).await, [fourth.tokens.sid, third.tokens.sid]);
}

#[tokio::test]
async fn logins_that_run_at_once_are_too_many_until_the_next_one() {
    let world = world(2).await;

    let at_once = join_all((0..5).map(|seconds| login(&world, seconds))).await;
    let next = login(&world, 10).await.unwrap();

    assert!(at_once.iter().all(Result::is_ok));
    let alive = alive(&world, 10).await;
    assert_eq!(alive.len(), 2);
    assert_eq!(alive[0], next.tokens.sid);
}

/// A login with a wrong password does not wait for the read of the sessions, so the time of its refusal reveals nothing
/// about them.
#[tokio::test]
async fn a_refusal_does_not_wait_for_the_look_at_the_sessions() {
    let world = world(1).await;

    let wrong = login_with(&world, "something else", 0, &NeverFound(&world.store), &world.store).await;

    assert!(matches!(wrong, Err(LoginError::WrongPassword(_))), "{wrong:?}");
}

async fn world(most_sessions: usize) -> World {
    let mut world = World::new().await;
    world.most_sessions = most_sessions;
    world
}

async fn login(world: &World, seconds: u64) -> Result<LoggedIn, LoginError> {
    login_with(world, PASSWORD, seconds, &world.store, &world.store).await
}

async fn login_with(
    world: &World,
    secret: &str,
    seconds: u64,
    sessions: &impl LoginSessions,
    feed: &impl AnnounceRevocations,
) -> Result<LoggedIn, LoginError> {
    let credentials = (&email(EMAIL), &password(secret));
    let request = request(credentials, None);
    let store = &world.store;
    world
        .login_announced(request, after(seconds), store, store, sessions, feed)
        .await
}

/// Returns the sessions that can still be refreshed, newest first.
pub(crate) async fn alive(world: &World, seconds: u64) -> Vec<SessionId> {
    let now = after(seconds).timestamp();
    let page = auth::session::list_sessions(&world.user.id, None, 100, now, &world.store, &world.store)
        .await
        .unwrap();
    page.sessions.into_iter().map(|session| session.sid).collect()
}

/// Returns the sessions that were announced as ended, each with the time of the announcement.
async fn announced(world: &World) -> Vec<(Timestamp, SessionId)> {
    let page = world
        .store
        .page(&Cursor::from_millis(Moment::new(0)), after(0))
        .await
        .unwrap();
    let sessions = page
        .revocations
        .into_iter()
        .filter_map(|(at, revocation)| match revocation {
            Revocation::Session { sid, .. } => Some((at, sid)),
            Revocation::Epoch { .. } | Revocation::Issued { .. } => None,
        });
    sessions.collect()
}
