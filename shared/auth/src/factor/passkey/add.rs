//! Adding a passkey. Nothing is written until the client has made it.

use std::fmt;

use claims::{Moment, SessionId, UserId};
use rand::CryptoRng;
use webauthn::{
    CredentialId, Purpose, Refusal, Registration, RegistrationResponse, RelyingParty, StoredCredential, UserHandle,
};

use super::{MAX_PASSKEYS, Passkey, PasskeyCreation, options::draw};
use crate::{
    factor::{
        AddPasskey, ChangeFactors, FactorError, FactorKeys, FindFactors, FindPasskeyOwner, NewPasskey, RecoveryCodes,
        demand_recent,
    },
    feed::{AnnounceRevocations, Revocation},
    keys::Issuer,
    session::{FindSession, LiveCaller, live_caller},
    user::FindUser,
};

/// The passkey that a client has made for a user.
#[derive(Clone, Copy)]
pub struct PasskeyRegistration<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// The session in which the request is made.
    pub sid: &'a SessionId,
    /// The response of the client.
    pub response: &'a RegistrationResponse,
    /// The name that the user gives it.
    pub label: &'a str,
}

/// A passkey that was added.
#[derive(Debug)]
pub struct AddedPasskey {
    /// The user.
    pub user_id: UserId,
    /// The id of the passkey.
    pub id: CredentialId,
    /// The user's recovery codes, if these are the first ones.
    pub recovery: Option<RecoveryCodes>,
}

/// Makes a challenge for a new passkey.
///
/// # Errors
/// If the session is over or too old, the user has as many passkeys as a user may have, or the store or the keys fail.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn begin_passkey(
    user_id: &UserId,
    sid: &SessionId,
    now: Moment,
    rng: &mut impl CryptoRng,
    keys: &FactorKeys,
    users: &impl FindUser,
    sessions: &impl FindSession,
    factors: &impl FindFactors,
) -> Result<PasskeyCreation, FactorError> {
    let random = draw(rng);
    let caller = live_caller(user_id, sid, now.timestamp(), users, sessions).await?;
    let LiveCaller { user, email, session } = caller.ok_or_else(|| FactorError::Over(user_id.clone()))?;
    demand_recent(&user, &session, now.timestamp()).map_err(|demand| FactorError::demanded(user_id, demand))?;
    let known = factors.factors(user_id).await?.passkeys;
    if known.len() >= MAX_PASSKEYS {
        return Err(FactorError::Conflict(user_id.clone()));
    }
    Ok(PasskeyCreation {
        user_id: user.id,
        handle: user_handle(&known, user_id, keys, Issuer::Current)?,
        name: email.typed().to_owned(),
        challenge: keys.challenge(Purpose::Register, binding(sid), now.timestamp(), random),
        known,
    })
}

/// Adds the passkey that a client has made. All other sessions of the user end, and this one has proven the passkey. The
/// user gets recovery codes, unless another factor came with some.
///
/// # Errors
/// If the session is over or too old, the response is refused, somebody has the passkey already, the user has as many as
/// a user may have, another request has changed the user or the session, or the store or the keys fail. If the
/// announcement failed, the passkey has been added, and the same request succeeds again while its challenge is valid. It
/// then replaces the recovery codes, which nobody has seen.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn add_passkey(
    registration: PasskeyRegistration<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    keys: &FactorKeys,
    relying_party: &RelyingParty,
    users: &impl FindUser,
    sessions: &impl FindSession,
    factors: &(impl FindFactors + FindPasskeyOwner + AddPasskey + ChangeFactors),
    feed: &impl AnnounceRevocations,
) -> Result<AddedPasskey, FactorError> {
    let PasskeyRegistration {
        user_id, sid, response, ..
    } = registration;
    let codes = RecoveryCodes::draw(rng);
    let caller = live_caller(user_id, sid, now.timestamp(), users, sessions).await?;
    let LiveCaller { user, session, .. } = caller.ok_or_else(|| FactorError::Over(user_id.clone()))?;
    let verified = keys.challenges().verify(Purpose::Register, binding(sid), |terms| {
        relying_party.verify_registration(response, now.timestamp(), terms)
    });
    let (issuer, made) = verified.map_err(|refusal: Refusal| refused(user_id, refusal.reason()))?;
    let known = factors.factors(user_id).await?;
    if let Some(passkey) = known.passkey(&made.id) {
        // The answer to the request that added it may have been lost.
        if passkey.credential.key != made.key {
            return Err(FactorError::Conflict(user_id.clone()));
        }
        let is_first = known.totp.is_none() && known.passkeys.len() == 1;
        if is_first && !factors.replace_recovery(user_id, &codes.hashes(), now).await? {
            return Err(FactorError::Overtaken(user_id.clone()));
        }
        announce((user_id, sid), user.epoch, now, feed).await?;
        return Ok(AddedPasskey {
            user_id: user.id,
            id: made.id,
            recovery: is_first.then_some(codes),
        });
    }
    demand_recent(&user, &session, now.timestamp()).map_err(|demand| FactorError::demanded(user_id, demand))?;
    if known.passkeys.len() >= MAX_PASSKEYS {
        return Err(FactorError::Conflict(user_id.clone()));
    }
    let handle = user_handle(&known.passkeys, user_id, keys, issuer)?;
    let id = made.id.clone();
    let passkey = Passkey::new(made, handle, relying_party, registration.label, now);
    let hashes = codes.hashes();
    let is_first = known.recovery.is_empty();
    let new = NewPasskey {
        session: &session,
        amr: session.amr.with(passkey.amr()),
        passkey: &passkey,
        recovery: is_first.then_some(&hashes),
        seen: user.factors,
    };
    if !factors.add_passkey(new, now).await? {
        return Err(match factors.passkey_owner(&id).await? {
            Some(_) => FactorError::Conflict(user_id.clone()),
            None => FactorError::Overtaken(user_id.clone()),
        });
    }
    announce((user_id, sid), session.epoch.saturating_add(1), now, feed).await?;
    Ok(AddedPasskey {
        user_id: user.id,
        id,
        recovery: is_first.then_some(codes),
    })
}

/// Returns the user handle of all passkeys of a user: that of the first one, or a new one.
fn user_handle(
    known: &[Passkey],
    user_id: &UserId,
    keys: &FactorKeys,
    issuer: Issuer,
) -> Result<UserHandle, FactorError> {
    let first = known.first().map(|passkey| passkey.credential.user_handle.clone());
    let handle = first.or_else(|| keys.user_handle(user_id, issuer));
    handle.ok_or_else(|| refused(user_id, "no_user_handle"))
}

/// Announces that all sessions of the user have ended but this one.
async fn announce(
    (user_id, sid): (&UserId, &SessionId),
    least: u64,
    now: Moment,
    feed: &impl AnnounceRevocations,
) -> Result<(), FactorError> {
    let revocation = Revocation::Epoch {
        user_id: user_id.clone(),
        least,
        except: Some(sid.clone()),
    };
    Ok(feed.announce(&revocation, now).await?)
}

fn refused(user_id: &UserId, reason: &'static str) -> FactorError {
    FactorError::Refused {
        user_id: user_id.clone(),
        reason,
    }
}

/// Returns what the challenge of a new passkey is bound to.
fn binding(sid: &SessionId) -> &[u8] {
    sid.as_str().as_bytes()
}

impl Passkey {
    fn new(
        made: Registration,
        user_handle: UserHandle,
        relying_party: &RelyingParty,
        label: &str,
        now: Moment,
    ) -> Self {
        Self {
            credential: StoredCredential {
                id: made.id,
                key: made.key,
                counter: made.counter,
                backup_eligible: made.backup_eligible,
                rp_id: relying_party.rp_id().clone(),
                user_handle,
            },
            backed_up: made.backed_up,
            aaguid: made.aaguid,
            transports: made.transports,
            label: label.to_owned(),
            added_at: now.timestamp(),
            last_used_at: None,
        }
    }
}

/// A response proves who the user is, so `Debug` does not show it.
impl fmt::Debug for PasskeyRegistration<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PasskeyRegistration({}, ..)", self.user_id)
    }
}
