//! The laws of `FindLiveSessions`, `FindLastLogin`, `ListSessions` and `RemoveSessions`.

use auth::session::{Alive, Change, ClientDetails, LOOKED_AT, ListedSession, RevokeReason, Session};
use claims::{Moment, SessionId, Timestamp, UserId};
use futures::future::join_all;

use super::{NOW, ROTATION, RULE, Sessions, after, presented, revoke, session, stored};
use crate::laws;

laws! { sessions:
    every_live_session_of_a_user_is_listed_once_and_no_other
    a_login_finds_the_live_sessions_that_a_list_shows
    a_session_is_listed_until_it_is_over
    what_a_login_looks_at_has_a_bound
    the_last_login_is_that_of_the_newest_session_even_if_it_is_over
    every_session_of_a_user_is_removed_and_no_other
    a_session_that_was_removed_is_never_made_again
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

async fn the_last_login_is_that_of_the_newest_session_even_if_it_is_over(store: &impl Sessions) {
    let user_id = session(1).user_id;
    assert_eq!(store.last_login(&user_id).await.unwrap(), None);
    for number in [2, 3, 1] {
        let session = Session {
            created_at: after(number.into()),
            ..session(number)
        };
        store.create(&session).await.unwrap();
    }
    let other = Session {
        user_id: UserId::new(Moment::new(0), [9; 10]),
        created_at: after(9),
        ..session(9)
    };
    store.create(&other).await.unwrap();

    revoke(store, &session(3), RevokeReason::Logout, after(5)).await;

    assert_eq!(store.last_login(&user_id).await.unwrap(), Some(after(3)));
}

async fn what_a_login_looks_at_has_a_bound(store: &impl Sessions) {
    let oldest = Session {
        sid: SessionId::new(Moment::new(0), [0; 10]),
        ..session(1)
    };
    store.create(&oldest).await.unwrap();
    let of_number = |number: usize| SessionId::new(Moment::new(number.try_into().unwrap()), [0; 10]);
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
        user_id: UserId::new(Moment::new(0), [9; 10]),
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

/// Stores a user's sessions, some of which are over, and one session of another user. Returns the first user's live
/// sessions, newest first.
async fn thirty_sessions_some_of_which_are_over(store: &impl Sessions) -> Vec<ListedSession> {
    let foreign = Session {
        user_id: UserId::new(Moment::new(0), [9; 10]),
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
        created_at: session.created_at,
        client: session.client,
    })
    .collect()
}

/// Returns the filter for the sessions of a user that are live at [`NOW`], if the user's epoch is 0.
const fn alive(user_id: &UserId) -> Alive<'_> {
    Alive {
        user_id,
        epoch: 0,
        now: NOW,
    }
}
