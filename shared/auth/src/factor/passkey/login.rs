//! Logging in with a passkey alone. The user does not type a name: the passkey has it.

use claims::{Access, Delivery, Device, Moment, Refresh, SessionId, SignError, Span, UserId};
use futures::future::ready;
use rand::CryptoRng;
use webauthn::{Challenge, Purpose, Refusal};

use super::{PasskeyProof, PasskeyRequest, options::draw, prove::prove};
use crate::{
    attempts::{Admission, CountSuccesses, Success},
    error::StoreError,
    factor::{Factors, FindFactors, FindPasskeyOwner, OpenWithFactor, Spend},
    feed::AnnounceRevocations,
    keys::{ChallengeKeys, Signer},
    session::{
        Alive, BeginError, Beginning, Begun, ClientDetails, EndedSessions, FindLiveSessions, IssuedTokens, Issuing,
        NewIds, RevokeSessions, begin_with,
    },
    user::{FindUser, Status},
};

/// A login with a passkey.
#[derive(Debug)]
pub struct PasskeyLogin<'a> {
    /// The response of the passkey.
    pub proof: PasskeyProof<'a>,
    /// How the client wants the refresh token.
    pub delivery: Delivery,
    /// What is known about the client.
    pub client: ClientDetails,
}

/// Why a login with a passkey failed.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyLoginError {
    /// The response is refused, or the user may not log in. All have the same response.
    #[error("the login is refused: {reason}")]
    Refused {
        /// The user, if the passkey is known.
        user_id: Option<UserId>,
        /// The reason, which is for the log only.
        reason: &'static str,
    },
    /// The user has logged in too often within the hour.
    #[error("too many logins")]
    Throttled {
        /// The user.
        user_id: UserId,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl From<BeginError> for PasskeyLoginError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Store(error) => error.into(),
            BeginError::Sign(error) => error.into(),
        }
    }
}

/// A login with a passkey that succeeded.
#[derive(Debug)]
pub struct PasskeyLoggedIn {
    /// The user.
    pub user_id: UserId,
    /// The first tokens of the session.
    pub tokens: IssuedTokens,
    /// Whether the counter of the passkey went back, which may mean that the passkey was copied.
    pub went_back: bool,
    /// The sessions that ended to make room for the new one.
    pub ended: EndedSessions,
}

/// Makes a challenge for a login. It reads and writes nothing, and is the same for everyone.
#[must_use]
pub fn request_login(now: Moment, rng: &mut impl CryptoRng, keys: &ChallengeKeys) -> PasskeyRequest {
    PasskeyRequest {
        challenge: keys.issue(Purpose::Login, NO_BINDING, now.timestamp(), draw(rng)),
        allowed: Vec::new(),
    }
}

/// What the challenge of a login is bound to: nothing, since nobody is known yet.
const NO_BINDING: &[u8] = b"";

/// Verifies the response of a passkey, opens a session and issues its first tokens. The id of the session is made from
/// the challenge, so the response works once. A response to a challenge that was not issued here costs no read.
///
/// No failure is counted, because there is nothing to guess: a passkey signs. Logins are counted as those with a password
/// are, so that a user cannot fill the table of sessions.
///
/// # Errors
/// If the response is refused, the user may not log in or has logged in too often within the hour, or the store or the
/// keys fail. Every refusal has the same answer.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn log_in_with_passkey<S: Signer<Access> + Signer<Refresh> + Signer<Device>>(
    login: PasskeyLogin<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    issuing: &Issuing<'_, S>,
    keys: &ChallengeKeys,
    users: &impl FindUser,
    factors: &(impl FindFactors + FindPasskeyOwner + OpenWithFactor),
    attempts: &impl CountSuccesses,
    max_sessions: usize,
    sessions: &(impl FindLiveSessions + RevokeSessions),
    feed: &impl AnnounceRevocations,
) -> Result<PasskeyLoggedIn, PasskeyLoginError> {
    let ids = NewIds::draw(now, rng);
    let PasskeyProof {
        response,
        relying_party,
    } = login.proof;
    let refused = |user_id: Option<&UserId>, reason| PasskeyLoginError::Refused {
        user_id: user_id.cloned(),
        reason,
    };
    let checked = keys.verify(Purpose::Login, NO_BINDING, |terms| {
        relying_party.check_challenge(response, now.timestamp(), terms)
    });
    checked.map_err(|refusal: Refusal| refused(None, refusal.reason()))?;
    let owner = factors.passkey_owner(response.id()).await?;
    let (user, found) = match &owner {
        None => (None, Factors::default()),
        Some(owner) => futures::try_join!(users.user(owner), factors.factors(owner))?,
    };
    let proven = prove(login.proof, Purpose::Login, NO_BINDING, keys, &found, now.timestamp());
    let proven = proven.map_err(|refusal| refused(owner.as_ref(), refusal.reason()))?;
    let user = user.filter(|user| user.status == Status::Enabled);
    let user = user.ok_or_else(|| refused(owner.as_ref(), "disabled_user"))?;
    let user_id = user.id.clone();

    let alive = Alive {
        user_id: &user_id,
        epoch: user.epoch,
        now: now.timestamp(),
    };
    let success = Success::Login(user_id.clone(), None);
    // If the sessions cannot be read, none is opened.
    let (admission, live) = futures::join!(attempts.count_success(&success, now), sessions.live(alive));
    let live = live?;
    if let Admission::Wait(retry_after) = admission? {
        return Err(PasskeyLoginError::Throttled { user_id, retry_after });
    }

    let beginning = Beginning {
        user,
        client: login.client,
        delivery: login.delivery,
        is_new_device: false,
        device: None,
        password_changed_at: None,
        amr: proven.amr,
        live: ready(Ok(live)),
        ids: ids.for_session(session_id(&proven.challenge)),
    };
    let spend = Spend::Passkey(proven.usage);
    let open = async |session: &_| {
        let is_open = factors.open(session, &spend, now).await?;
        is_open
            .then_some(())
            .ok_or_else(|| refused(Some(&user_id), "used_challenge"))
    };
    let Begun { tokens, ended, .. } = begin_with(beginning, open, now, issuing, max_sessions, sessions, feed).await?;
    Ok(PasskeyLoggedIn {
        user_id: user_id.clone(),
        tokens,
        went_back: proven.went_back,
        ended,
    })
}

/// Returns the id of the session that the answer to this challenge opens. No other challenge has the same.
fn session_id(challenge: &Challenge) -> SessionId {
    let expires_at = Moment::new(challenge.expires_at().get().saturating_mul(1000));
    SessionId::new(expires_at, challenge.entropy())
}
