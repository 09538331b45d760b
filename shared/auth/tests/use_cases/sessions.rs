//! Listing the sessions of a user, and ending single ones.

use auth::session::{LogoutScope, OpenSessions as _, RevokeReason, Session, SessionError, SessionPage};
use claims::{Moment, SessionId, UserId};
use doubles::Memory;

use crate::world::{EMAIL, World, after, email, password, request};

#[tokio::test]
async fn sessions_are_listed_the_newest_first_with_their_last_use() {
    let world = World::new().await;
    let mut logins = Vec::new();
    for seconds in 0..3 {
        logins.push(login(&world, seconds).await);
    }
    world.refresh(logins[0].refresh.expose(), 20).await.unwrap();

    let page = list(&world, None, 50, 30).await;

    let shown = page.sessions.iter().map(|session| {
        let [created, used] = [session.created_at, session.last_used_at];
        let seconds = [created, used].map(|at| at.since(after(0).timestamp()).get());
        (&session.sid, seconds)
    });
    let expected = [(2, [2, 2]), (1, [1, 1]), (0, [0, 20])];
    assert_eq!(
        shown.collect::<Vec<_>>(),
        expected.map(|(number, seconds)| (&logins[number].sid, seconds))
    );
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn sessions_that_are_over_are_not_listed() {
    let world = World::new().await;
    let (idle, revoked, kept) = (login(&world, 0).await, login(&world, 0).await, login(&world, 0).await);
    world.logout(revoked.refresh.expose(), LogoutScope::Session, 1).await;
    world.refresh(kept.refresh.expose(), 3_000).await.unwrap();

    let mut both = [kept.sid.clone(), idle.sid];
    both.sort_unstable_by(|left, right| right.cmp(left));
    assert_eq!(sids(&list(&world, None, 50, 3_629).await), both);
    assert_eq!(sids(&list(&world, None, 50, 3_630).await), [kept.sid]);
}

#[tokio::test]
async fn sessions_of_an_earlier_epoch_are_not_listed() {
    let world = World::new().await;
    world.logged_in().await;
    auth::accounts::end_sessions(&email(EMAIL), after(0), &world.store, &world.store, &world.store)
        .await
        .unwrap();

    assert_eq!(list(&world, None, 50, 1).await, SessionPage::default());
}

#[tokio::test]
async fn a_list_goes_on_where_the_one_before_it_ended() {
    let world = World::new().await;
    let mut all = Vec::new();
    for seconds in 0..5 {
        all.push(login(&world, seconds).await.sid);
    }
    all.reverse();

    let first = list(&world, None, 2, 9).await;
    let second = list(&world, first.next.clone(), 2, 9).await;
    let third = list(&world, second.next.clone(), 2, 9).await;

    assert_eq!([sids(&first), sids(&second), sids(&third)].concat(), all);
    assert_eq!(
        [first, second, third].map(|page| page.next.is_some()),
        [true, true, false]
    );
}

/// One request for the list reads at most 800 sessions, so two requests are needed to get past a thousand ended ones.
#[tokio::test]
async fn a_list_among_dead_sessions_is_short_and_goes_on() {
    let world = World::new().await;
    let alive = login(&world, 0).await.sid;
    let template = world.session(&alive).await;
    for number in 0..1_000 {
        let dead = Session {
            sid: SessionId::new(Moment::new(after(1).get() + number), [0; 10]),
            revoked: Some((after(2).timestamp(), RevokeReason::Logout)),
            ..template.clone()
        };
        world.store.create(&dead).await.unwrap();
    }

    let first = list(&world, None, 50, 3).await;
    let second = list(&world, first.next.clone(), 50, 3).await;

    assert_eq!(sids(&first), []);
    let expected = SessionId::new(Moment::new(after(1).get() + 200), [0; 10]);
    assert_eq!(first.next, Some(expected));
    assert_eq!((sids(&second), second.next), (vec![alive], None));
}

#[tokio::test]
async fn a_session_is_ended_by_its_user_alone() {
    let world = World::new().await;
    let login = world.logged_in().await;
    let stranger = UserId::new(after(0), [7; 10]);

    let foreign = revoke(&world.store, &stranger, &login.sid).await;
    assert!(matches!(foreign, Err(SessionError::Unknown)), "{foreign:?}");
    assert!(world.session(&login.sid).await.revoked.is_none());

    for _ in 0..2 {
        revoke(&world.store, &world.user.id, &login.sid).await.unwrap();
    }
    assert_eq!(
        world.session(&login.sid).await.revoked,
        Some((after(1).timestamp(), RevokeReason::Revoked))
    );
}

async fn login(world: &World, seconds: u64) -> auth::session::IssuedTokens {
    let credentials = (&email(EMAIL), &password(crate::world::PASSWORD));
    let (request, store) = (request(credentials, None), &world.store);
    let login = world.login_with(request, after(seconds), store, store, store).await;
    login.unwrap().tokens
}

async fn list(world: &World, before: Option<SessionId>, limit: usize, seconds: u64) -> SessionPage {
    let now = after(seconds).timestamp();
    auth::session::list_sessions(&world.user.id, before, limit, now, &world.store, &world.store)
        .await
        .unwrap()
}

fn sids(page: &SessionPage) -> Vec<SessionId> {
    page.sessions.iter().map(|session| session.sid.clone()).collect()
}

async fn revoke(store: &Memory, user_id: &UserId, sid: &SessionId) -> Result<(), SessionError> {
    auth::session::revoke_session(user_id, sid, after(1), store, store, store).await
}
