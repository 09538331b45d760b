//! Refreshing: exchanging a refresh token for the next tokens. The refresh rule distinguishes a retry from a theft.

use std::cmp::Ordering;

use claims::{Access, Claims, Delivery, Moment, Refresh, SessionId, SignError, TokenId, TokenTerms, UserId};
use rand::CryptoRng;

use crate::{
    error::StoreError,
    feed::{AnnounceRevocations, Revocation},
    keys::Signer,
    session::{
        Caution, Change, Decision, FindSession, IssuedTokens, Issuing, RefreshAttempt, RefreshRule, RevokeReason,
        RevokeSessions, RotateSessions, Rotation, Session, issue::issue,
    },
    user::{FindUser, Status, User},
};

/// The maximum number of decisions in one refresh. A decision is repeated if the session has changed between a read and
/// a write.
const MAX_ATTEMPTS: usize = 4;

/// A refresh that succeeded.
#[derive(Debug)]
pub struct Refreshed {
    /// The user.
    pub user_id: UserId,
    /// What the refresh did.
    pub by: RefreshedBy,
    /// The tokens.
    pub tokens: IssuedTokens,
}

/// What a successful refresh did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshedBy {
    /// The next generation was handed out.
    Rotation,
    /// The current generation was handed out again.
    Repetition,
    /// A late replay was forgiven, and the current generation was handed out again.
    Recovery,
}

/// Why a refresh failed. The first four variants have the same response, except that the response to a theft also
/// deletes the cookie with the token, if the token was in a cookie.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token was delivered in a cookie but presented in a body, or the other way round.
    #[error("the refresh token was not sent in the way for which it was issued")]
    WrongDelivery,
    /// The user does not exist or is disabled, so the session is over. It may have been rotated before the user was
    /// read.
    #[error("unknown or disabled user")]
    Disabled(UserId),
    /// The session is unknown, revoked or over. If it is over because the user's epoch was raised, it may have been
    /// rotated before the refusal. In all other cases nothing was changed.
    #[error("the session is over")]
    Over(UserId, SessionId),
    /// A spent token was presented too late to be a retry. The session is revoked.
    #[error("a spent refresh token was replayed")]
    Theft(UserId, SessionId, Delivery),
    /// The session changed between read and write at every attempt.
    #[error("too many requests changed the session at the same time")]
    Contention,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Exchanges a verified refresh token for new tokens.
///
/// # Errors
/// If the token is not presented in the way in which it was delivered, if the user or the session is refused, if other
/// requests keep changing the session, or if the store or a key fails. The session may have been rotated before the
/// failure. The client can then retry with the same token: within the window of the rule, it gets the refresh token
/// that was lost. A key set without an active key is detected before anything is written.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn refresh<S: Signer<Access> + Signer<Refresh>>(
    claims: &Claims<Refresh>,
    delivery: Delivery,
    now: Moment,
    rng: &mut impl CryptoRng,
    issuing: &Issuing<'_, S>,
    rule: &RefreshRule,
    caution: &Caution,
    users: &impl FindUser,
    sessions: &(impl RotateSessions + FindSession + RevokeSessions),
    feed: &impl AnnounceRevocations,
) -> Result<Refreshed, RefreshError> {
    let token_id = TokenId::draw(now, rng);
    if claims.own().delivery != delivery {
        return Err(RefreshError::WrongDelivery);
    }
    check_ready(now, issuing.signer)?;
    let (by, user, session) = advance(claims, now, issuing.terms, rule, caution, users, sessions, feed).await?;
    let tokens = issue(&user, &session, delivery, now, token_id, issuing).await?;
    Ok(Refreshed {
        user_id: user.id,
        by,
        tokens,
    })
}

/// Checks that both tokens can be signed. This comes before the rotation: if a session were rotated and nobody got its
/// new tokens, a later retry could look like a theft.
fn check_ready(now: Moment, signer: &(impl Signer<Access> + Signer<Refresh>)) -> Result<(), SignError> {
    Signer::<Access>::ready(signer, now.timestamp())?;
    Signer::<Refresh>::ready(signer, now.timestamp())
}

/// Applies the refresh rule to the session. Most refreshes make only two calls to the store, at the same time: the read
/// of the user and the conditional write of the rotation. If the condition fails, the write returns the session that it
/// found, and the rule is applied to that session.
///
/// The epochs of the session and its user are compared once both calls have returned. A session may therefore be
/// rotated before it is refused, if its user is disabled or has a later epoch. Such a session is over, because
/// disabling a user also raises the epoch. The session's new token is never signed. Every decision other than a
/// rotation waits for the comparison.
///
/// If the user cannot be read, the session may have been rotated, although nobody gets its new token. For the next
/// minute, this process therefore reads each user before it rotates a session.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
async fn advance(
    claims: &Claims<Refresh>,
    now: Moment,
    terms: &TokenTerms,
    rule: &RefreshRule,
    caution: &Caution,
    users: &impl FindUser,
    sessions: &(impl RotateSessions + FindSession + RevokeSessions),
    feed: &impl AnnounceRevocations,
) -> Result<(RefreshedBy, User, Session), RefreshError> {
    let arrived_at = now;
    let now = now.timestamp();
    let (user_id, sid) = (claims.sub(), claims.sid());
    let rotation = Rotation {
        idle_expires_at: now.plus(terms.lifetimes.idle),
    };
    let presented = RefreshAttempt {
        user_id: user_id.clone(),
        sid: sid.clone(),
        generation: claims.own().generation,
        now,
    };
    let over = || RefreshError::Over(user_id.clone(), sid.clone());

    let rotate = || sessions.rotate(&presented, &rotation, rule);
    let find = async || {
        let user = find_enabled(user_id, users).await;
        if let Err(RefreshError::Store(_)) = &user {
            caution.note(now);
        }
        user
    };
    let (mut user, mut change) = if caution.is_due(now) {
        (find().await?, rotate().await?)
    } else {
        let (user, change) = futures::join!(find(), rotate());
        (user?, change?)
    };
    for _ in 0..MAX_ATTEMPTS {
        let (is_rotated, session) = match change {
            Change::Written(session) => (true, session),
            Change::Unchanged(Some(session)) => (false, session),
            // The write found no session. A consistent read confirms this before the user is logged out.
            Change::Unchanged(None) => (false, sessions.session(user_id, sid).await?.ok_or_else(over)?),
        };
        match session.epoch.cmp(&user.epoch) {
            // Both epochs may have been raised together after the session was read and before the user was.
            Ordering::Less => {
                let stored = sessions.session(user_id, sid).await?;
                let kept = stored.filter(|stored| stored.epoch >= user.epoch && !stored.is_over(now));
                let epoch = kept.ok_or_else(over)?.epoch;
                change = if is_rotated {
                    Change::Written(Session { epoch, ..session })
                } else {
                    rotate().await?
                };
                continue;
            }
            // A logout of all other sessions has raised both epochs since the user was read.
            Ordering::Greater => {
                user = find_enabled(user_id, users).await?;
                change = if is_rotated {
                    Change::Written(session)
                } else {
                    rotate().await?
                };
                continue;
            }
            Ordering::Equal if is_rotated => return Ok((RefreshedBy::Rotation, user, session)),
            Ordering::Equal => {}
        }
        match session.decide(presented.generation, now, rule) {
            Decision::Rotate => {}
            Decision::Repeat => return Ok((RefreshedBy::Repetition, user, session)),
            Decision::Recover => {
                if let Change::Written(session) = sessions.recover(&session, now).await? {
                    return Ok((RefreshedBy::Recovery, user, session));
                }
            }
            Decision::Theft => {
                end_stolen(&session, arrived_at, sessions, feed).await?;
                return Err(RefreshError::Theft(user_id.clone(), sid.clone(), claims.own().delivery));
            }
            Decision::Refuse => return Err(over()),
        }
        change = rotate().await?;
    }
    Err(RefreshError::Contention)
}

/// Revokes a session whose spent token was replayed. The revocation is announced before it is stored. In the other
/// order, a failed announcement would never be repeated, because no retry for a revoked session reaches this function.
async fn end_stolen(
    session: &Session,
    now: Moment,
    sessions: &impl RevokeSessions,
    feed: &impl AnnounceRevocations,
) -> Result<(), StoreError> {
    let (user_id, sid) = (&session.user_id, &session.sid);
    let revocation = Revocation::Session {
        user_id: user_id.clone(),
        sid: sid.clone(),
    };
    feed.announce(&revocation, now).await?;
    let revoked = sessions.revoke(user_id, sid, RevokeReason::Theft, now.timestamp());
    revoked.await.map(drop)
}

async fn find_enabled(id: &UserId, users: &impl FindUser) -> Result<User, RefreshError> {
    let user = users.user(id).await?;
    user.filter(|user| user.status == Status::Enabled)
        .ok_or_else(|| RefreshError::Disabled(id.clone()))
}
