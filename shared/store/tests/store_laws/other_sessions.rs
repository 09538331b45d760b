//! The laws of `FindOtherSession`.

use auth::session::{FindOtherSession, RevokeReason, Session};
use claims::{Span, Timestamp, UserId};

use crate::{
    laws,
    sessions::{NOW, Sessions, revoke, session},
};

/// The ports that store sessions and find another session of a user.
trait Others: Sessions + FindOtherSession {}
impl<S: Sessions + FindOtherSession> Others for S {}

laws! { sessions:
    another_session_that_is_alive_is_found
    what_is_over_or_of_another_epoch_or_user_is_not_found
}

async fn another_session_that_is_alive_is_found(sessions: &impl Others) {
    let (own, other) = (session(1), of(&session(1), 2));
    sessions.create(&own).await.unwrap();
    assert!(!sessions.has_other(&own, NOW).await.unwrap());

    sessions.create(&other).await.unwrap();

    assert!(sessions.has_other(&own, NOW).await.unwrap());
}

async fn what_is_over_or_of_another_epoch_or_user_is_not_found(sessions: &impl Others) {
    let own = session(1);
    let over = Timestamp::new(NOW.get().saturating_sub(1));
    let others = [
        Session {
            epoch: own.epoch.saturating_add(1),
            ..of(&own, 2)
        },
        Session {
            expires_at: over,
            idle_expires_at: over,
            ..of(&own, 3)
        },
        Session {
            user_id: UserId::new(claims::Moment::new(0), [9; 10]),
            ..of(&own, 4)
        },
        of(&own, 5),
    ];
    for other in others.iter().chain([&own]) {
        sessions.create(other).await.unwrap();
    }
    revoke(sessions, &others[3], RevokeReason::Logout, NOW).await;

    assert!(!sessions.has_other(&own, NOW).await.unwrap());
    let idle = own.idle_expires_at.plus(Span::seconds(1_000_000));
    assert!(!sessions.has_other(&own, idle).await.unwrap());
}

/// Returns another session of the same user.
fn of(own: &Session, number: u8) -> Session {
    Session {
        user_id: own.user_id.clone(),
        ..session(number)
    }
}
