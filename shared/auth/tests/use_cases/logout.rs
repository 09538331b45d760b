//! Logging out: which tokens end which sessions.

use auth::{
    feed::{AnnounceRevocations, BudgetedFeed},
    session::{Logout, LogoutScope, RevokeReason},
};
use claims::Unverified;
use rstest::rstest;

use crate::{
    doubles::Unreachable,
    world::{World, after},
};

#[rstest]
#[case::at_once(1)]
#[case::within_the_leeway(3_629)]
#[case::long_expired(1_000_000)]
#[tokio::test]
async fn a_token_of_any_age_ends_its_session(#[case] seconds: u64) {
    let world = World::new().await;
    let login = world.logged_in().await;

    let logout = world
        .logout(login.refresh.expose(), LogoutScope::Session, seconds)
        .await;

    assert!(
        matches!(&logout, Logout::Ended(claims) if *claims.sid() == login.sid),
        "{logout:?}"
    );
    assert_eq!(
        world.session(&login.sid).await.revoked,
        Some((after(seconds).timestamp(), RevokeReason::Logout))
    );
}

#[tokio::test]
async fn a_spent_token_ends_the_session_that_went_on_without_it() {
    let world = World::new().await;
    let login = world.logged_in().await;
    let next = world.refresh(login.refresh.expose(), 1).await.unwrap();

    world.logout(login.refresh.expose(), LogoutScope::Session, 60).await;

    assert!(world.refresh(next.tokens.refresh.expose(), 61).await.is_err());
}

#[tokio::test]
async fn logging_out_again_changes_nothing_and_answers_the_same() {
    let world = World::new().await;
    let login = world.logged_in().await;
    world.logout(login.refresh.expose(), LogoutScope::Session, 1).await;

    let again = world.logout(login.refresh.expose(), LogoutScope::Session, 2).await;

    assert!(matches!(again, Logout::Ended(_)), "{again:?}");
    assert_eq!(
        world.session(&login.sid).await.revoked,
        Some((after(1).timestamp(), RevokeReason::Logout))
    );
}

#[tokio::test]
async fn a_foreign_token_is_ignored_without_a_write() {
    let world = World::new().await;
    let login = world.logged_in().await;
    let token = login.refresh.expose();
    let tampered = format!("{}A", &token[..token.len() - 1]);

    for (token, reason) in [("", "not_compact"), (tampered.as_str(), "bad_signature")] {
        for scope in [LogoutScope::Session, LogoutScope::Others, LogoutScope::All] {
            let logout = world.logout_with(token, scope, 1, &Unreachable).await;

            let found = match &logout {
                Logout::Refused(refusal) => refusal.reason(),
                Logout::Ignored(reason) => reason,
                Logout::Ended(_) => "ended",
            };
            assert_eq!(found, reason, "{logout:?}");
        }
    }
}

#[rstest]
#[case::others(LogoutScope::Others, true)]
#[case::all(LogoutScope::All, false)]
#[tokio::test]
async fn a_live_token_ends_the_other_sessions_or_all(#[case] scope: LogoutScope, #[case] keeps_own: bool) {
    let world = World::new().await;
    let (own, other) = (world.logged_in().await, world.logged_in().await);

    let logout = world.logout(own.refresh.expose(), scope, 1).await;

    assert!(matches!(logout, Logout::Ended(_)), "{logout:?}");
    assert_eq!(world.refresh(own.refresh.expose(), 2).await.is_ok(), keeps_own);
    assert!(world.refresh(other.refresh.expose(), 2).await.is_err());
}

#[rstest]
#[case::others(LogoutScope::Others)]
#[case::all(LogoutScope::All)]
#[tokio::test]
async fn a_token_of_a_session_that_is_over_has_no_power_over_others(#[case] scope: LogoutScope) {
    let world = World::new().await;
    let (own, other) = (world.logged_in().await, world.logged_in().await);
    world.logout(own.refresh.expose(), LogoutScope::Session, 1).await;

    let logout = world.logout(own.refresh.expose(), scope, 2).await;

    assert!(matches!(logout, Logout::Ignored("session_over")), "{logout:?}");
    assert!(world.refresh(other.refresh.expose(), 3).await.is_ok());
}

/// A logout that ends nothing must not count an announcement. Otherwise, many requests with the token of a session that
/// is long over could use up the announcements of its owner.
#[tokio::test]
async fn what_has_ended_nothing_counts_no_announcement() {
    let world = World::new().await;
    let login = world.logged_in().await;
    world.logout(login.refresh.expose(), LogoutScope::Session, 1).await;
    let (now, store) = (after(100), &world.store);
    let verifier = world.keys.refresh.verifier();
    let token = Unverified::parse(login.refresh.expose()).unwrap();
    let feed = BudgetedFeed::new(Unreachable, Unreachable);
    let counted = feed.reserve(&world.user.id, now).await;

    for scope in [LogoutScope::Session, LogoutScope::Others, LogoutScope::All] {
        let claims = verifier.verify_of_any_age(&token, now.timestamp()).unwrap();
        let logout = auth::session::logout(claims, scope, now, store, store, store, &feed).await;

        assert!(matches!(logout, Ok(Logout::Ignored("session_over"))), "{logout:?}");
    }
    let listed = auth::session::revoke_session(&world.user.id, &login.sid, now, store, store, &feed).await;

    assert!(listed.is_ok(), "{listed:?}");
    assert!(counted.is_err(), "{counted:?}");
}
