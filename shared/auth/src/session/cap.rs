//! The cap on the number of sessions that a user has at once: which sessions end at a login, and how they end.

use std::{future::Future, pin::pin, time::Duration};

use claims::{Moment, SessionId, Timestamp, UserId};
use futures::{
    StreamExt as _,
    future::{Either, Ready, ready, select},
    stream,
};

use tokio::time::timeout;

use crate::{
    error::StoreError,
    feed::{AnnounceRevocations, Revocation},
    session::{RevokeReason, RevokeSessions, Session},
};

/// How many of a user's stored sessions a login reads, newest first, including ended ones. This limits the cost of the
/// read for a user with many ended sessions. Live sessions beyond the limit are not counted.
pub const LOOKED_AT: usize = 400;
/// The maximum number of sessions that one login ends, which limits its cost. If 25 concurrent logins exceed the cap,
/// one more login is enough to end the excess sessions. If the cap was lowered, several logins may be needed to reach
/// it.
const MAX_ENDED: usize = 25;
/// How many sessions are ended concurrently.
const AT_ONCE: usize = 8;

/// The maximum time that a failed login waits for its session to be revoked. It is short because the caller has already
/// waited for the store.
const WITHDRAWAL: Duration = Duration::from_millis(500);

/// A live session, with the fields that the cap needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSession {
    /// The id of the session.
    pub sid: SessionId,
    /// When the session last handed out a token.
    pub last_used_at: Timestamp,
}

/// The sessions that a login ended because the user had too many.
#[derive(Debug, Default)]
pub struct EndedSessions {
    /// The sessions that ended.
    pub ended: Vec<SessionId>,
    /// The last error, if any session could not be ended. The next login tries again.
    pub failed: Option<StoreError>,
}

/// Returns the live sessions that must end so that the user has at most `most` sessions, including a new one. These are
/// the least recently used sessions. Of sessions last used in the same second, the older ones come first. At most
/// [`MAX_ENDED`] sessions are returned.
pub(crate) fn excess(mut live: Vec<LiveSession>, most: usize) -> Vec<SessionId> {
    let excess = live.len().saturating_add(1).saturating_sub(most);
    live.sort_unstable_by(|left, right| (left.last_used_at, &left.sid).cmp(&(right.last_used_at, &right.sid)));
    let first = live.into_iter().take(excess.min(MAX_ENDED));
    first.map(|session| session.sid).collect()
}

/// Ends these sessions of a user. A failure is part of the result and does not prevent the login, whose session already
/// exists.
pub(crate) async fn end(
    user_id: &UserId,
    sids: Vec<SessionId>,
    now: Moment,
    sessions: &impl RevokeSessions,
    feed: &impl AnnounceRevocations,
) -> EndedSessions {
    let all = stream::iter(sids).map(|sid| end_one(user_id, sid, now, sessions, feed));
    let mut all = all.buffer_unordered(AT_ONCE);
    let mut outcome = EndedSessions::default();
    while let Some(one) = all.next().await {
        match one {
            Ok(sid) => outcome.ended.push(sid),
            Err(error) => outcome.failed = Some(error),
        }
    }
    outcome
}

/// Announces the end of a session, then revokes it. In the other order, a failed announcement would never be repeated,
/// because a revoked session is not ended again. Its access tokens would stay valid.
async fn end_one(
    user_id: &UserId,
    sid: SessionId,
    now: Moment,
    sessions: &impl RevokeSessions,
    feed: &impl AnnounceRevocations,
) -> Result<SessionId, StoreError> {
    let revocation = Revocation::Session {
        user_id: user_id.clone(),
        sid: sid.clone(),
    };
    feed.announce(&revocation, now).await?;
    sessions
        .revoke(user_id, &sid, RevokeReason::Evicted, now.timestamp())
        .await?;
    Ok(sid)
}

/// Revokes the session of a failed login, so that it does not count towards the cap. The session may not have been
/// written at all. Nothing is announced, since none of its tokens was handed out. An error is ignored, because the
/// login has already failed.
pub(crate) async fn withdraw(session: &Session, now: Moment, sessions: &impl RevokeSessions) {
    let revoked = sessions.revoke(
        &session.user_id,
        &session.sid,
        RevokeReason::Undelivered,
        now.timestamp(),
    );
    drop(timeout(WITHDRAWAL, revoked).await);
}

/// Runs both futures until `first` completes. Returns the output of `first`, and a future that returns the output of
/// `other`. If `other` has not completed, a caller that does not need its output does not have to wait for it.
pub(crate) async fn run_beside<F, G>(first: F, other: G) -> (F::Output, Either<Ready<G::Output>, G>)
where
    F: Future,
    G: Future + Unpin,
{
    match select(pin!(first), other).await {
        Either::Left((first, other)) => (first, Either::Right(other)),
        Either::Right((other, first)) => (first.await, Either::Left(ready(other))),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none(&[], 1, &[])]
    #[case::room_for_one_more(&[("a", 1), ("b", 2)], 3, &[])]
    #[case::full(&[("a", 1), ("b", 2)], 2, &["a"])]
    #[case::only_one_at_a_time(&[("a", 1)], 1, &["a"])]
    #[case::used_in_another_order(&[("c", 5), ("b", 1), ("a", 3)], 3, &["b"])]
    #[case::the_same_second(&[("b", 1), ("a", 1), ("c", 1)], 2, &["a", "b"])]
    #[case::over_full(&[("d", 4), ("c", 3), ("b", 2), ("a", 1)], 2, &["a", "b", "c"])]
    fn the_least_recently_used_end(#[case] live: &[(&str, u64)], #[case] most: usize, #[case] ended: &[&str]) {
        let live = live.iter().map(|(sid, used)| session(sid, *used)).collect();

        let sids = excess(live, most);

        let sids: Vec<&str> = sids.iter().map(SessionId::as_str).collect();
        assert_eq!(sids, ended);
    }

    #[test]
    fn one_login_ends_no_more_than_25() {
        let live = (0..500)
            .map(|number| session(&format!("{number:03}"), number))
            .collect();

        let sids = excess(live, 50);

        assert_eq!(sids.len(), 25);
        assert_eq!(sids.last().unwrap().as_str(), "024");
    }

    fn session(sid: &str, used: u64) -> LiveSession {
        LiveSession {
            sid: SessionId::parse(sid).unwrap(),
            last_used_at: Timestamp::new(used),
        }
    }
}
