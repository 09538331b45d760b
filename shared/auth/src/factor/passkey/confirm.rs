//! Confirming in a session who one is (step-up), with a passkey alone: it is two factors by itself.

use claims::{Access, Amr, Moment, SessionId, Timestamp, TokenId, UserId};
use rand::CryptoRng;
use webauthn::Purpose;

use super::{PasskeyProof, PasskeyRequest, options::draw, prove::prove};
use crate::{
    factor::{ConfirmError, Confirmed, FactorError, FactorKeys, FindFactors, Spend, StepUp},
    keys::Signer,
    session::{FindSession, Issuing, LiveCaller, Session, access_draft, live_caller},
    user::FindUser,
};

/// A request to confirm who one is, with a passkey.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyConfirmation<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// The session in which the request is made.
    pub sid: &'a SessionId,
    /// The response of the passkey.
    pub proof: PasskeyProof<'a>,
}

/// Makes a challenge for a confirmation.
///
/// # Errors
/// If the session is over, the user has no passkey, or the store or the keys fail.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn request_confirmation(
    user_id: &UserId,
    sid: &SessionId,
    now: Moment,
    rng: &mut impl CryptoRng,
    keys: &FactorKeys,
    users: &impl FindUser,
    sessions: &impl FindSession,
    factors: &impl FindFactors,
) -> Result<PasskeyRequest, FactorError> {
    let random = draw(rng);
    let caller = live_caller(user_id, sid, now.timestamp(), users, sessions).await?;
    let caller = caller.ok_or_else(|| FactorError::Over(user_id.clone()))?;
    let allowed = factors.factors(user_id).await?.passkeys;
    if allowed.is_empty() {
        return Err(FactorError::NotFound(user_id.clone()));
    }
    let challenge = keys.challenge(Purpose::Confirm, &binding(&caller.session), now.timestamp(), random);
    Ok(PasskeyRequest { challenge, allowed })
}

/// Verifies the response of a passkey of the user, and returns an access token that says so. The refresh token of the
/// session stays as it is, and its next access tokens say so too.
///
/// # Errors
/// If the session is over, the response is refused or was used before, or the store or the keys fail.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn confirm_with_passkey<S: Signer<Access>>(
    confirmation: PasskeyConfirmation<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    issuing: &Issuing<'_, S>,
    keys: &FactorKeys,
    users: &impl FindUser,
    sessions: &impl FindSession,
    factors: &(impl FindFactors + StepUp),
) -> Result<Confirmed, ConfirmError> {
    let PasskeyConfirmation { user_id, sid, proof } = confirmation;
    let token_id = TokenId::draw(now, rng);
    issuing.signer.ready(now.timestamp())?;
    let refused = |reason| ConfirmError::Refused {
        user_id: user_id.clone(),
        reason,
    };
    let caller = live_caller(user_id, sid, now.timestamp(), users, sessions).await?;
    let LiveCaller { user, session, .. } = caller.ok_or_else(|| ConfirmError::Over(user_id.clone()))?;
    let found = factors.factors(user_id).await?;
    let (binding, challenges) = (binding(&session), keys.challenges());
    let proven = prove(proof, Purpose::Confirm, &binding, challenges, &found, now.timestamp());
    let proven = proven.map_err(|refusal| refused(refusal.reason()))?;
    let (at, spend) = (now.timestamp(), Spend::Passkey(proven.usage));
    if !factors.step_up(&session, proven.amr, at, Some(&spend), now).await? {
        return Err(refused("used_challenge"));
    }
    let session = Session {
        amr: proven.amr,
        auth_time: at,
        ..session
    };
    let draft = access_draft(&user, &session, now, token_id, issuing.terms);
    Ok(Confirmed {
        user_id: user.id,
        sid: session.sid,
        access: issuing.signer.sign(&draft).await?,
        acr: proven.amr.acr(),
        expires_in: issuing.terms.lifetimes.access,
        replacement: None,
        went_back: proven.went_back,
    })
}

/// Returns what the challenge of a confirmation is bound to: the session, and how and when its user last authenticated. A
/// confirmation changes this, so the challenge is answered once.
#[must_use]
pub fn confirmation_binding(sid: &SessionId, auth_time: Timestamp, amr: Amr) -> Vec<u8> {
    format!("{sid}\0{}\0{amr:?}", auth_time.get()).into_bytes()
}

fn binding(session: &Session) -> Vec<u8> {
    confirmation_binding(&session.sid, session.auth_time, session.amr)
}
