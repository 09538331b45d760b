//! The laws of `OpenSessions`, `RotateSessions`, `RevokeSessions`, `FindSession`, `FindLiveSessions`, `ListSessions`
//! and `RemoveSessions`.

use auth::session::{
    Alive, Change, ClientDetails, FindLiveSessions, FindSession, LOOKED_AT, ListSessions, ListedSession, OpenSessions,
    Recovery, RefreshAttempt, RefreshRule, RemoveSessions, RevokeReason, RevokeSessions, RotateSessions, Rotation,
    Session,
};
use claims::{Millis, Seconds, SessionId, Timestamp, UserId};
use futures::future::join_all;

use crate::laws;

/// The ports that store sessions.
pub(crate) trait Sessions:
    OpenSessions + RotateSessions + RevokeSessions + FindSession + FindLiveSessions + ListSessions + RemoveSessions
{
}
impl<S: OpenSessions + RotateSessions + RevokeSessions + FindSession + FindLiveSessions + ListSessions + RemoveSessions>
    Sessions for S
{
}

pub(crate) const NOW: Timestamp = Timestamp::new(1_700_000_000);
pub(crate) const RULE: RefreshRule = RefreshRule {
    window: Seconds::new(10),
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
    a_rotation_needs_the_epoch_that_the_session_has
    of_many_rotations_at_once_one_is_written
    a_recovery_writes_what_the_rule_returns
    a_recovery_of_what_has_moved_writes_nothing
    a_session_is_revoked_once_and_for_ever
    what_is_not_there_is_never_made
    no_user_reaches_the_session_of_another
    every_live_session_of_a_user_is_listed_once_and_no_other
    a_login_finds_the_live_sessions_that_a_list_shows
    a_session_is_listed_until_it_is_over
    what_a_login_looks_at_has_a_bound
    every_session_of_a_user_is_removed_and_no_other
    a_session_that_was_removed_is_never_made_again
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

async fn a_rotation_needs_the_epoch_that_the_session_has(store: &impl Sessions) {
    let session = Session { epoch: 1, ..session(1) };
    store.create(&session).await.unwrap();

    for epoch in [0, 2] {
        let presented = RefreshAttempt {
            epoch,
            ..presented(&session)
        };
        let attempt = store.rotate(&presented, &ROTATION, &RULE).await.unwrap();

        assert_eq!(attempt, Change::Unchanged(Some(session.clone())), "{epoch}");
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
        user_id: UserId::new(Millis::new(0), [9; 10]),
        ..session.clone()
    };

    let attempt = revoke(store, &foreign, RevokeReason::Logout, NOW).await;

    assert_eq!(attempt, Change::Unchanged(None));
    assert_eq!(stored(store, &session).await, Some(session));
}

async fn every_live_session_of_a_user_is_listed_once_and_no_other(store: &impl Sessions) {
    let live = thirty_sessions_some_of_which_are_over(store).await;
    let user_id = session(1).user_id;

    for most_read in [1, 7, 30, 100] {
        let (mut listed, mut before) = (Vec::new(), None);
        loop {
            let page = store.page(alive(&user_id), before.as_ref(), most_read).await.unwrap();
            assert!(page.sessions.len() <= most_read);
            listed.extend(page.sessions);
            before = page.next;
            if before.is_none() {
                break;
            }
        }

        assert_eq!(listed, live, "{most_read} at once");
    }
}

async fn a_login_finds_the_live_sessions_that_a_list_shows(store: &impl Sessions) {
    let live = thirty_sessions_some_of_which_are_over(store).await;

    let found = store.live(alive(&session(1).user_id)).await.unwrap();

    let found = found.into_iter().map(|session| (session.sid, session.last_used_at));
    let live = live.into_iter().map(|session| (session.sid, session.last_used_at));
    assert_eq!(found.collect::<Vec<_>>(), live.collect::<Vec<_>>());
}

async fn a_session_is_listed_until_it_is_over(store: &impl Sessions) {
    let limits = [(100, 1_000), (1_000, 100), (100, 100), (60, 100), (80, 100)];
    let sessions: Vec<Session> = (1..)
        .zip(limits)
        .map(|(number, (idle, end))| Session {
            idle_expires_at: after(idle),
            expires_at: after(end),
            ..session(number)
        })
        .collect();
    for session in &sessions {
        store.create(session).await.unwrap();
    }

    for seconds in [0, 89, 90, 99, 100, 109, 110, 129, 130, 131] {
        let alive = Alive {
            now: after(seconds),
            ..alive(&sessions[0].user_id)
        };
        let listed = store.page(alive, None, 100).await.unwrap().sessions;

        // A refresh considers the same sessions live.
        let live = sessions.iter().rev().filter(|session| !session.is_over(after(seconds)));
        let listed: Vec<SessionId> = listed.into_iter().map(|session| session.sid).collect();
        assert_eq!(
            listed,
            live.map(|session| session.sid.clone()).collect::<Vec<_>>(),
            "{seconds}"
        );
    }
}

async fn what_a_login_looks_at_has_a_bound(store: &impl Sessions) {
    let oldest = Session {
        sid: SessionId::new(Millis::new(0), [0; 10]),
        ..session(1)
    };
    store.create(&oldest).await.unwrap();
    let of_number = |number: usize| SessionId::new(Millis::new(number.try_into().unwrap()), [0; 10]);
    let dead = (1..LOOKED_AT).map(|number| Session {
        sid: of_number(number),
        revoked: Some((NOW, RevokeReason::Logout)),
        ..session(1)
    });
    let dead: Vec<Session> = dead.collect();
    for some in dead.chunks(8) {
        join_all(some.iter().map(|session| store.create(session))).await;
    }

    let within = store.live(alive(&oldest.user_id)).await.unwrap();
    let newest = Session {
        sid: of_number(LOOKED_AT),
        ..session(1)
    };
    store.create(&newest).await.unwrap();
    let beyond = store.live(alive(&oldest.user_id)).await.unwrap();

    let sids =
        |found: Vec<auth::session::LiveSession>| found.into_iter().map(|session| session.sid).collect::<Vec<_>>();
    assert_eq!(sids(within), [oldest.sid]);
    assert_eq!(sids(beyond), [newest.sid]);
}

async fn every_session_of_a_user_is_removed_and_no_other(store: &impl Sessions) {
    let foreign = Session {
        user_id: UserId::new(Millis::new(0), [9; 10]),
        ..session(1)
    };
    store.create(&foreign).await.unwrap();
    for number in 1..=30 {
        store.create(&session(number)).await.unwrap();
    }

    store.remove_sessions(&session(1).user_id).await.unwrap();

    for number in 1..=30 {
        assert_eq!(stored(store, &session(number)).await, None, "{number}");
    }
    assert_eq!(stored(store, &foreign).await, Some(foreign));
}

async fn a_session_that_was_removed_is_never_made_again(store: &impl Sessions) {
    let session = session(1);
    store.create(&session).await.unwrap();
    store.remove_sessions(&session.user_id).await.unwrap();

    let attempts = [
        store.rotate(&presented(&session), &ROTATION, &RULE).await.unwrap(),
        store.recover(&session, NOW).await.unwrap(),
        revoke(store, &session, RevokeReason::Logout, NOW).await,
    ];

    assert_eq!(attempts, [const { Change::Unchanged(None) }; 3]);
    assert_eq!(stored(store, &session).await, None);
}

/// Stores sessions, of which some are over and one belongs to another user. Returns the live ones in the order of a
/// list.
async fn thirty_sessions_some_of_which_are_over(store: &impl Sessions) -> Vec<ListedSession> {
    let foreign = Session {
        user_id: UserId::new(Millis::new(0), [9; 10]),
        ..session(1)
    };
    let idle = Session {
        idle_expires_at: Timestamp::new(NOW.get().saturating_sub(60)),
        ..session(11)
    };
    let earlier = Session {
        epoch: 1,
        ..session(12)
    };
    let with_client = Session {
        delivered_at: Some(after(7)),
        client: ClientDetails {
            ip: Some("192.0.2.1".to_owned()),
            user_agent: Some("browser".to_owned()),
            label: Some("phone".to_owned()),
        },
        ..session(30)
    };
    for session in [&foreign, &idle, &earlier, &with_client] {
        store.create(session).await.unwrap();
    }
    for number in 1..30 {
        store.create(&session(number)).await.unwrap();
    }
    revoke(store, &session(1), RevokeReason::Logout, NOW).await;
    revoke(store, &session(20), RevokeReason::Evicted, NOW).await;
    let others = (2..30).filter(|number| ![11, 12, 20].contains(number));
    let mut live: Vec<Session> = others.map(session).chain([with_client]).collect();
    live.sort_unstable_by(|left, right| right.sid.cmp(&left.sid));
    let live = live.into_iter();
    live.map(|session| ListedSession {
        last_used_at: session.last_used_at(),
        sid: session.sid,
        created_at: session.auth_time,
        client: session.client,
    })
    .collect()
}

/// The filter for live sessions of a user who never ended all of them.
const fn alive(user_id: &UserId) -> Alive<'_> {
    Alive {
        user_id,
        epoch: 0,
        now: NOW,
    }
}

/// Returns a session right after a login at [`NOW`].
pub(crate) fn session(number: u8) -> Session {
    Session {
        user_id: UserId::new(Millis::new(0), [1; 10]),
        sid: SessionId::new(Millis::new(0), [number; 10]),
        generation: 0,
        issued_at: NOW,
        delivered_at: None,
        previous_delivered_at: None,
        recovered_generation: None,
        idle_expires_at: after(100),
        expires_at: after(1_000_000),
        epoch: 0,
        revoked: None,
        auth_time: NOW,
        client: ClientDetails::default(),
    }
}

/// Returns the session's current token, presented at [`NOW`].
pub(crate) fn presented(session: &Session) -> RefreshAttempt {
    RefreshAttempt {
        user_id: session.user_id.clone(),
        sid: session.sid.clone(),
        generation: session.generation,
        epoch: session.epoch,
        now: NOW,
    }
}

/// Returns the stored session.
pub(crate) async fn stored(store: &impl FindSession, session: &Session) -> Option<Session> {
    store.session(&session.user_id, &session.sid).await.unwrap()
}

pub(crate) const fn after(seconds: u64) -> Timestamp {
    NOW.plus(Seconds::new(seconds))
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
