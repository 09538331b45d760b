//! The cap on the sessions that a user has at once: which of them end at a login, and their end.

use std::{future::Future, pin::pin, time::Duration};

use claims::{Millis, SessionId, Timestamp, UserId};
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

/// How many of the sessions that are kept of a user a login looks at, the newest first, dead ones included. A user who
/// opens and ends sessions all day makes the look no longer than this; older live sessions are not counted then.
pub const LOOKED_AT: usize = 400;
/// The most sessions that one login ends, so that its cost is bounded: it makes up for as many logins that ran at once, and
/// a cap that was lowered is reached over several logins.
const MAX_ENDED: usize = 25;
/// How many of them end at once.
const AT_ONCE: usize = 8;

/// How long a login that failed waits for the end of its session: its caller has waited for the store already.
const WITHDRAWAL: Duration = Duration::from_millis(500);

/// A session that is alive, as far as the cap needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSession {
    /// Which it is.
    pub sid: SessionId,
    /// When it last handed out a token.
    pub last_used_at: Timestamp,
}

/// The sessions that a login ended because the user had too many.
#[derive(Debug, Default)]
pub struct EndedSessions {
    /// Which they are.
    pub ended: Vec<SessionId>,
    /// Why another one did not end; the next login tries again.
    pub failed: Option<StoreError>,
}

/// The live sessions that must end so that, together with a new one, there are no more than `most`: the least recently
/// used ones, and of several that were last used in the same second the older ones.
pub(crate) fn excess(mut live: Vec<LiveSession>, most: usize) -> Vec<SessionId> {
    let excess = live.len().saturating_add(1).saturating_sub(most);
    live.sort_unstable_by(|left, right| (left.last_used_at, &left.sid).cmp(&(right.last_used_at, &right.sid)));
    let first = live.into_iter().take(excess.min(MAX_ENDED));
    first.map(|session| session.sid).collect()
}

/// Ends these sessions of a user. A failure is told and hinders nobody: the login that needs the room has its session.
pub(crate) async fn end(
    user_id: &UserId,
    sids: Vec<SessionId>,
    now: Millis,
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

/// Announced first: a session that is revoked is never looked at again, and its access tokens would live on.
async fn end_one(
    user_id: &UserId,
    sid: SessionId,
    now: Millis,
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

/// Revokes a session that may have been written or not, so that it takes no room from those that are used. Nothing is
/// announced: no token of it was handed out. A failure is that of the login, which is told already.
pub(crate) async fn withdraw(session: &Session, now: Millis, sessions: &impl RevokeSessions) {
    let revoked = sessions.revoke(
        &session.user_id,
        &session.sid,
        RevokeReason::Undelivered,
        now.timestamp(),
    );
    drop(timeout(WITHDRAWAL, revoked).await);
}

/// Waits for `first` while `other` runs beside it, and gives back what is left of `other` to wait for. If nobody waits for
/// that, `other` has cost no time.
pub(crate) async fn beside<F, G>(first: F, other: G) -> (F::Output, Either<Ready<G::Output>, G>)
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
