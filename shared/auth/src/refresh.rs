//! Refreshing: a refresh token for the next access token, by the rule that tells a retry from a theft.

use claims::{Access, Claims, Delivery, Millis, Refresh, Refusal, SessionId, SignError, TokenTerms, UserId, Verifier};
use rand::CryptoRng;

use crate::{
    Attempt, Decision, IssuedTokens, RefreshRule, RevokeReason, RevokeSessions, RotateSessions, Session, Signer,
    Status, StoreError, UserStore,
    issue::{issue, token_id},
    session::{Presented, Rotation},
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
pub async fn refresh(
    token: &str,
    delivery: Delivery,
    now: Millis,
    rng: &mut impl CryptoRng,
    verifier: &Verifier<Refresh>,
    terms: &TokenTerms,
    rule: &RefreshRule,
    users: &impl UserStore,
    sessions: &(impl RotateSessions + RevokeSessions),
    signer: &(impl Signer<Access> + Signer<Refresh>),
) -> Result<Refreshed, RefreshError> {
    let token_id = token_id(now, rng);

    let claims = verifier.verify(token, now.timestamp())?;
    if claims.own().delivery != delivery {
        return Err(RefreshError::WrongDelivery);
    }
    ready(now, signer)?;
    let user = users
        .user(claims.sub())
        .await?
        .filter(|user| user.status == Status::Enabled)
        .ok_or_else(|| RefreshError::Disabled(claims.sub().clone()))?;
    let (by, session) = advance(&claims, user.epoch, now, terms, rule, sessions).await?;
    let tokens = issue(&user, &session, delivery, now, token_id, terms, signer).await?;
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

/// Moves the session as the rule says. Most refreshes are the one conditional write of the rotation; when its
/// condition fails, the session that it found is decided upon.
async fn advance(
    claims: &Claims<Refresh>,
    epoch: u64,
    now: Millis,
    terms: &TokenTerms,
    rule: &RefreshRule,
    sessions: &(impl RotateSessions + RevokeSessions),
) -> Result<(RefreshedBy, Session), RefreshError> {
    let now = now.timestamp();
    let presented = Presented {
        user_id: claims.sub().clone(),
        sid: claims.sid().clone(),
        generation: claims.own().generation,
        epoch,
        now,
    };
    let rotation = Rotation {
        idle_expires_at: now.plus(terms.lifetimes.idle),
    };
    let over = || RefreshError::Over(presented.user_id.clone(), presented.sid.clone());
    let theft = || RefreshError::Theft(presented.user_id.clone(), presented.sid.clone(), claims.own().delivery);

    for _ in 0..MAX_ATTEMPTS {
        let found = match sessions.rotate(&presented, &rotation, rule).await? {
            Attempt::Written(session) => return Ok((RefreshedBy::Rotation, session)),
            Attempt::Unchanged(found) => found.filter(|session| session.epoch == epoch).ok_or_else(over)?,
        };
        match found.decide(presented.generation, now, rule) {
            Decision::Rotate => {}
            Decision::Repeat => return Ok((RefreshedBy::Repetition, found)),
            Decision::Recover => {
                if let Attempt::Written(session) = sessions.recover(&found, now).await? {
                    return Ok((RefreshedBy::Recovery, session));
                }
            }
            Decision::Theft => {
                sessions
                    .revoke(&presented.user_id, &presented.sid, RevokeReason::Theft, now)
                    .await?;
                return Err(theft());
            }
            Decision::Refuse => return Err(over()),
        }
    }
    Err(RefreshError::Contention)
}
