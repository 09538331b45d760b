//! Refreshing: a refresh token for the next access token, by the rule that tells a retry from a theft.

use std::cmp::Ordering;

use claims::{
    Access, Claims, Delivery, Millis, Refresh, Refusal, SessionId, SignError, TokenId, TokenTerms, UserId, Verifier,
};
use rand::CryptoRng;

use crate::{
    error::StoreError,
    feed::{AnnounceRevocations, Revocation},
    keys::Signer,
    session::{
        Change, Decision, FindSession, IssuedTokens, Issuing, RefreshAttempt, RefreshRule, RevokeReason,
        RevokeSessions, RotateSessions, Rotation, Session, issue::issue,
    },
    user::{FindUser, Status, User},
};

/// How often a decision is taken anew when the session moves between reading it and writing to it.
const MAX_ATTEMPTS: usize = 4;

/// A refresh that succeeded.
#[derive(Debug)]
pub struct Refreshed {
    /// Whose session it is.
    pub user_id: UserId,
    /// What was done.
    pub by: RefreshedBy,
    /// The tokens.
    pub tokens: IssuedTokens,
}

/// What a successful refresh did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshedBy {
    /// Handed out the next generation.
    Rotation,
    /// Handed out the current generation again.
    Repetition,
    /// Forgave a late replay.
    Recovery,
}

/// Why a refresh was refused. The caller cannot tell the first five apart, but that a theft deletes the cookie which
/// brought the token.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token does not verify.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The token came by another way than it was issued for.
    #[error("the refresh token came by another delivery than its own")]
    WrongDelivery,
    /// The user is gone or may not refresh; nothing was changed.
    #[error("unknown or disabled user")]
    Disabled(UserId),
    /// The session is unknown, revoked or over; nothing was changed.
    #[error("the session is over")]
    Over(UserId, SessionId),
    /// A spent token came back too late to be a retry; the session is revoked.
    #[error("a spent refresh token was replayed")]
    Theft(UserId, SessionId, Delivery),
    /// The session moved at every attempt.
    #[error("the session moves too fast")]
    Contention,
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Exchanges a refresh token for new tokens. A token that does not verify costs no read.
///
/// # Errors
/// When the token, the user or the session is refused; and when the store or a key fails. The session may have moved by
/// then, so that a retry has to come within the window: the same token is then answered with the tokens that were lost.
/// A key set without an active key is found out before anything moves.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn refresh<S: Signer<Access> + Signer<Refresh>>(
    token: &str,
    delivery: Delivery,
    now: Millis,
    rng: &mut impl CryptoRng,
    verifier: &Verifier<Refresh>,
    issuing: &Issuing<'_, S>,
    rule: &RefreshRule,
    users: &impl FindUser,
    sessions: &(impl RotateSessions + FindSession + RevokeSessions),
    feed: &impl AnnounceRevocations,
) -> Result<Refreshed, RefreshError> {
    let token_id = TokenId::draw(now, rng);

    let claims = verifier.verify(token, now.timestamp())?;
    if claims.own().delivery != delivery {
        return Err(RefreshError::WrongDelivery);
    }
    ready(now, issuing.signer)?;
    let (by, user, session) = advance(&claims, now, issuing.terms, rule, users, sessions, feed).await?;
    let tokens = issue(&user, &session, delivery, now, token_id, issuing).await?;
    Ok(Refreshed {
        user_id: user.id,
        by,
        tokens,
    })
}

/// Whether both tokens can be signed: a rotation whose tokens nobody gets would look like a theft later.
fn ready(now: Millis, signer: &(impl Signer<Access> + Signer<Refresh>)) -> Result<(), SignError> {
    Signer::<Access>::ready(signer, now.timestamp())?;
    Signer::<Refresh>::ready(signer, now.timestamp())
}

/// Moves the session as the rule says. Most refreshes are one read and the one conditional write of the rotation; when
/// its condition fails, the session that it found is decided upon.
async fn advance(
    claims: &Claims<Refresh>,
    now: Millis,
    terms: &TokenTerms,
    rule: &RefreshRule,
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
    let over = || RefreshError::Over(user_id.clone(), sid.clone());

    let mut user = enabled(user_id, users).await?;
    for _ in 0..MAX_ATTEMPTS {
        let presented = RefreshAttempt {
            user_id: user_id.clone(),
            sid: sid.clone(),
            generation: claims.own().generation,
            epoch: user.epoch,
            now,
        };
        let found = match sessions.rotate(&presented, &rotation, rule).await? {
            Change::Written(session) => return Ok((RefreshedBy::Rotation, user, session)),
            Change::Unchanged(Some(found)) => found,
            // Only a session that is gone fails without being shown; whoever is logged out deserves a second look.
            Change::Unchanged(None) => sessions.session(user_id, sid).await?.ok_or_else(over)?,
        };
        match found.epoch.cmp(&user.epoch) {
            Ordering::Less => return Err(over()),
            // A logout of all the others moved the two on together, after this user was read.
            Ordering::Greater => {
                user = enabled(user_id, users).await?;
                continue;
            }
            Ordering::Equal => {}
        }
        match found.decide(presented.generation, now, rule) {
            Decision::Rotate => {}
            Decision::Repeat => return Ok((RefreshedBy::Repetition, user, found)),
            Decision::Recover => {
                if let Change::Written(session) = sessions.recover(&found, now).await? {
                    return Ok((RefreshedBy::Recovery, user, session));
                }
            }
            Decision::Theft => {
                let revocation = Revocation::Session {
                    user_id: user_id.clone(),
                    sid: sid.clone(),
                };
                // Announced first: once the session is revoked, no retry comes this way again.
                feed.announce(&revocation, arrived_at).await?;
                sessions.revoke(user_id, sid, RevokeReason::Theft, now).await?;
                return Err(RefreshError::Theft(user_id.clone(), sid.clone(), claims.own().delivery));
            }
            Decision::Refuse => return Err(over()),
        }
    }
    Err(RefreshError::Contention)
}

async fn enabled(id: &UserId, users: &impl FindUser) -> Result<User, RefreshError> {
    let user = users.user(id).await?;
    user.filter(|user| user.status == Status::Enabled)
        .ok_or_else(|| RefreshError::Disabled(id.clone()))
}
