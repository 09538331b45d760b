//! The laws of `OpenSessions`, `RotateSessions`, `RevokeSessions` and `FindSession`.

mod lists;

use auth::session::{
    Change, ClientDetails, FindLastLogin, FindLiveSessions, FindSession, ListSessions, OpenSessions, Recovery,
    RefreshAttempt, RefreshRule, RemoveSessions, RevokeReason, RevokeSessions, RotateSessions, Rotation, Session,
};
use claims::{Amr, Moment, SessionId, Span, Timestamp, UserId};
use futures::future::join_all;

use crate::laws;

/// The ports that store sessions.
pub(crate) trait Sessions:
    OpenSessions
    + RotateSessions
    + RevokeSessions
    + FindSession
    + FindLiveSessions
    + FindLastLogin
    + ListSessions
    + RemoveSessions
{
}
impl<
    S: OpenSessions
        + RotateSessions
        + RevokeSessions
        + FindSession
        + FindLiveSessions
        + FindLastLogin
        + ListSessions
        + RemoveSessions,
> Sessions for S
{
}

pub(crate) const NOW: Timestamp = Timestamp::new(1_700_000_000);
pub(crate) const RULE: RefreshRule = RefreshRule {
    window: Span::seconds(10),
    recovery: Recovery::On,
};
pub(crate) const ROTATION: Rotation = Rotation {
    idle_expires_at: after(3_600),
};

laws! { sessions:
    what_was_created_is_found_as_it_was
    a_session_is_not_created_again_once_it_moved
    a_rotation_writes_what_the_rule_returns
    a_rotation_that_is_repeated_finds_its_own_work
    a_rotation_returns_the_epoch_and_leaves_it_as_it_is
    of_many_rotations_at_once_one_is_written
    a_recovery_writes_what_the_rule_returns
    a_recovery_of_what_has_moved_writes_nothing
    a_session_is_revoked_once_and_for_ever
    what_is_not_there_is_never_made
    no_user_reaches_the_session_of_another
}

async fn what_was_created_is_found_as_it_was(store: &impl Sessions) {
    let fresh = session(1);
    let full = Session {
        generation: u64::MAX,
        delivered_at: Some(NOW),
        previous_delivered_at: Some(NOW),
        recovered_generation: Some(u64::MAX - 1),
        revoked: Some((NOW, RevokeReason::Theft)),
        client: ClientDetails {
            ip: Some("2001:db8::1".to_owned()),
            user_agent: Some("\u{1f600}\"".to_owned()),
            label: Some(String::new()),
        },
        ..session(2)
    };

    for session in [fresh, full] {
        store.create(&session).await.unwrap();

        assert_eq!(stored(store, &session).await, Some(session));
    }
}

async fn a_session_is_not_created_again_once_it_moved(store: &impl Sessions) {
    let session = session(1);
    store.create(&session).await.unwrap();
    let rotated = written(store.rotate(&presented(&session), &ROTATION, &RULE).await.unwrap());

    store.create(&session).await.unwrap();
    assert_eq!(stored(store, &session).await, Some(rotated));

    let revoked = written(revoke(store, &session, RevokeReason::Logout, after(2)).await);
    store.create(&session).await.unwrap();
    assert_eq!(stored(store, &session).await, Some(revoked));
}

async fn a_rotation_writes_what_the_rule_returns(store: &impl Sessions) {
    let session = Session {
        expires_at: after(100),
        ..session(1)
    };
    store.create(&session).await.unwrap();

    let rotated = written(store.rotate(&presented(&session), &ROTATION, &RULE).await.unwrap());

    assert_eq!(rotated, session.rotated(0, NOW, &ROTATION));
    assert_eq!(rotated.idle_expires_at, session.expires_at);
    assert_eq!(stored(store, &session).await, Some(rotated));
}

async fn a_rotation_that_is_repeated_finds_its_own_work(store: &impl Sessions) {
    let session = session(1);
    store.create(&session).await.unwrap();
    let rotated = written(store.rotate(&presented(&session), &ROTATION, &RULE).await.unwrap());

    let again = store.rotate(&presented(&session), &ROTATION, &RULE).await.unwrap();

    assert_eq!(again, Change::Unchanged(Some(rotated)));
}

async fn a_rotation_returns_the_epoch_and_leaves_it_as_it_is(store: &impl Sessions) {
    for epoch in [0, 2] {
        let session = Session {
            epoch,
            ..session(u8::try_from(epoch).unwrap())
        };
        store.create(&session).await.unwrap();

        let rotated = store.rotate(&presented(&session), &ROTATION, &RULE).await.unwrap();

        assert_eq!(written(rotated).epoch, epoch);
        assert_eq!(stored(store, &session).await.unwrap().epoch, epoch);
    }
}

async fn of_many_rotations_at_once_one_is_written(store: &impl Sessions) {
    let session = session(1);
    store.create(&session).await.unwrap();
    let presented = presented(&session);

    let attempts = join_all((0..20).map(|_| store.rotate(&presented, &ROTATION, &RULE))).await;

    let rotated = session.rotated(0, NOW, &ROTATION);
    let attempts: Vec<Change> = attempts.into_iter().map(Result::unwrap).collect();
    let count = |wanted: &Change| attempts.iter().filter(|attempt| *attempt == wanted).count();
    assert_eq!(count(&Change::Written(rotated.clone())), 1, "{attempts:?}");
    assert_eq!(count(&Change::Unchanged(Some(rotated))), 19, "{attempts:?}");
}

async fn a_recovery_writes_what_the_rule_returns(store: &impl Sessions) {
    for (number, delivered_at) in [(1, None), (2, Some(NOW))] {
        let session = Session {
            generation: 7,
            delivered_at,
            ..session(number)
        };
        store.create(&session).await.unwrap();

        let recovered = written(store.recover(&session, after(20)).await.unwrap());

        assert_eq!(recovered, session.recovered(after(20)));
        assert_eq!(stored(store, &session).await, Some(recovered));
    }
}

async fn a_recovery_of_what_has_moved_writes_nothing(store: &impl Sessions) {
    let seen = session(1);
    store.create(&seen).await.unwrap();
    let rotated = written(store.rotate(&presented(&seen), &ROTATION, &RULE).await.unwrap());
    let after_rotation = store.recover(&seen, after(20)).await.unwrap();
    assert_eq!(after_rotation, Change::Unchanged(Some(rotated.clone())));

    let recovered = written(store.recover(&rotated, after(20)).await.unwrap());
    let after_recovery = store.recover(&rotated, after(21)).await.unwrap();
    assert_eq!(after_recovery, Change::Unchanged(Some(recovered.clone())));

    let revoked = written(revoke(store, &seen, RevokeReason::Logout, after(22)).await);
    let after_revocation = store.recover(&recovered, after(23)).await.unwrap();
    assert_eq!(after_revocation, Change::Unchanged(Some(revoked)));
}

async fn a_session_is_revoked_once_and_for_ever(store: &impl Sessions) {
    let session = session(1);
    store.create(&session).await.unwrap();

    let revoked = written(revoke(store, &session, RevokeReason::Theft, after(1)).await);
    let again = revoke(store, &session, RevokeReason::Logout, after(2)).await;
    let rotation = store.rotate(&presented(&session), &ROTATION, &RULE).await.unwrap();

    assert_eq!(revoked.revoked, Some((after(1), RevokeReason::Theft)));
    assert_eq!(again, Change::Unchanged(Some(revoked.clone())));
    assert_eq!(rotation, Change::Unchanged(Some(revoked)));
}

async fn what_is_not_there_is_never_made(store: &impl Sessions) {
    let session = session(1);

    let attempts = [
        store.rotate(&presented(&session), &ROTATION, &RULE).await.unwrap(),
        store.recover(&session, NOW).await.unwrap(),
        revoke(store, &session, RevokeReason::Logout, NOW).await,
    ];

    assert_eq!(attempts, [const { Change::Unchanged(None) }; 3]);
    assert_eq!(stored(store, &session).await, None);
}

async fn no_user_reaches_the_session_of_another(store: &impl Sessions) {
    let session = session(1);
    store.create(&session).await.unwrap();
    let foreign = Session {
        user_id: UserId::new(Moment::new(0), [9; 10]),
        ..session.clone()
    };

    let attempt = revoke(store, &foreign, RevokeReason::Logout, NOW).await;

    assert_eq!(attempt, Change::Unchanged(None));
    assert_eq!(stored(store, &session).await, Some(session));
}

/// Returns a session right after a login at [`NOW`].
pub(crate) fn session(number: u8) -> Session {
    Session {
        user_id: UserId::new(Moment::new(0), [1; 10]),
        sid: SessionId::new(Moment::new(0), [number; 10]),
        generation: 0,
        issued_at: NOW,
        delivered_at: None,
        previous_delivered_at: None,
        recovered_generation: None,
        idle_expires_at: after(100),
        expires_at: after(1_000_000),
        epoch: 0,
        revoked: None,
        created_at: NOW,
        auth_time: NOW,
        amr: Amr::PASSWORD,
        client: ClientDetails::default(),
        is_new_device: true,
    }
}

/// Returns the session's current token, presented at [`NOW`].
pub(crate) fn presented(session: &Session) -> RefreshAttempt {
    RefreshAttempt {
        user_id: session.user_id.clone(),
        sid: session.sid.clone(),
        generation: session.generation,
        now: NOW,
    }
}

/// Returns the stored session.
pub(crate) async fn stored(store: &impl FindSession, session: &Session) -> Option<Session> {
    store.session(&session.user_id, &session.sid).await.unwrap()
}

pub(crate) const fn after(seconds: u64) -> Timestamp {
    NOW.plus(Span::seconds(seconds))
}

fn written(attempt: Change) -> Session {
    let Change::Written(session) = attempt else {
        panic!("nothing was written: {attempt:?}");
    };
    session
}

pub(crate) async fn revoke(
    store: &impl RevokeSessions,
    session: &Session,
    reason: RevokeReason,
    now: Timestamp,
) -> Change {
    store.revoke(&session.user_id, &session.sid, reason, now).await.unwrap()
}
