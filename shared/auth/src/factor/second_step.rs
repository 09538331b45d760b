//! The second step of a login: after a right password, a second factor opens the session.

use claims::{Access, Claims, Device, Moment, Refresh, Second, SignError, Span, TokenKind as _, UserId};
use futures::future::ready;
use rand::CryptoRng;

use crate::{
    attempts::{CountAttempts, ReadFailures},
    error::StoreError,
    factor::{FactorKeys, FindFactors, OpenWithFactor, ProveError, Prover, RecoveryCode, SecondProof, Way},
    feed::AnnounceRevocations,
    keys::Signer,
    mail::QueueNotice,
    session::{
        Alive, BeginError, Beginning, Begun, ClientDetails, EndedSessions, FindLiveSessions, IssuedDevice,
        IssuedTokens, Issuing, KnownDevice, NewIds, RememberedFactor, RevokeSessions, begin_with,
    },
    user::{FindUser, Status},
};

/// How long a person has for the second step.
pub const SECOND_STEP_LIFE: Span = Second::MAX_LIFE;

/// The second step of a login.
#[derive(Debug)]
pub struct SecondStep<'a> {
    /// The claims of the token from the first step.
    pub claims: &'a Claims<Second>,
    /// The second factor.
    pub proof: SecondProof<'a>,
    /// Whether the device is to be remembered.
    pub remembers: bool,
    /// What is known about the client.
    pub client: ClientDetails,
}

/// Why a second step failed.
#[derive(Debug, thiserror::Error)]
pub enum SecondStepError {
    /// The token is invalid, over or used, or the code is wrong or was used before. All have the same response.
    #[error("the second step is refused: {reason}")]
    Refused {
        /// The user, if the token was valid.
        user_id: Option<UserId>,
        /// The reason, which is for the log only.
        reason: &'static str,
    },
    /// There were too many wrong codes.
    #[error("too many wrong codes")]
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

impl From<BeginError> for SecondStepError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Store(error) => error.into(),
            BeginError::Sign(error) => error.into(),
        }
    }
}

impl SecondStepError {
    /// Returns the refusal of a token that is invalid or over.
    #[must_use]
    pub const fn invalid_token() -> Self {
        Self::Refused {
            user_id: None,
            reason: "invalid_token",
        }
    }
}

/// A second step that succeeded.
#[derive(Debug)]
pub struct SecondStepDone {
    /// The user.
    pub user_id: UserId,
    /// The first tokens of the session.
    pub tokens: IssuedTokens,
    /// The token by which the next login recognises the device.
    pub device: Option<IssuedDevice>,
    /// The recovery code that takes the place of the one that was used.
    pub replacement: Option<RecoveryCode>,
    /// How the factor was proven, as the log names it.
    pub method: &'static str,
    /// Whether the counter of a passkey went back, which may mean that the passkey was copied.
    pub went_back: bool,
    /// The sessions that ended to make room for the new one.
    pub ended: EndedSessions,
}

/// Opens the session of a login whose password was right, and issues its first tokens. One write uses up the code, opens
/// the session and checks that nothing about the user has changed since the first step. The id of the session is in the
/// token, so the token works once.
///
/// # Errors
/// If the token or the code is refused, there were too many wrong codes, or the store or the keys fail. If the answer to
/// the write was lost, the session may be open and the code is used up: the person logs in again.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn second_step<S: Signer<Access> + Signer<Refresh> + Signer<Device>>(
    step: SecondStep<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    issuing: &Issuing<'_, S>,
    keys: &FactorKeys,
    users: &impl FindUser,
    factors: &(impl FindFactors + OpenWithFactor),
    attempts: &(impl CountAttempts + ReadFailures),
    outbox: &impl QueueNotice,
    max_sessions: usize,
    sessions: &(impl FindLiveSessions + RevokeSessions),
    feed: &impl AnnounceRevocations,
) -> Result<SecondStepDone, SecondStepError> {
    let (ids, gate) = (NewIds::draw(now, rng), Prover::draw(now, rng));
    let (user_id, own) = (step.claims.sub(), step.claims.own());
    let refused = |reason| SecondStepError::Refused {
        user_id: Some(user_id.clone()),
        reason,
    };
    let user = users.user(user_id).await?;
    let user = user.filter(|user| user.status == Status::Enabled && user.epoch == own.epoch);
    let user = user.ok_or_else(|| refused("user_changed"))?;
    let way = Way::Login {
        password_changed_at: own.password_changed_at,
        sid: own.sid.clone(),
    };
    let alive = Alive {
        user_id,
        epoch: user.epoch,
        now: now.timestamp(),
    };
    let proven = gate.prove(step.proof, user_id, &way, now, keys, factors, attempts, outbox);
    // If the sessions cannot be read, nothing is used up.
    let (proven, live) = futures::join!(proven, sessions.live(alive));
    let proven = proven.map_err(|error| map_prove_error(error, user_id))?;
    let live = live?;

    let second = step.remembers.then_some(RememberedFactor {
        at: now.timestamp(),
        epoch: own.epoch,
    });
    let beginning = Beginning {
        user,
        client: ClientDetails {
            label: own.label.clone(),
            ..step.client
        },
        delivery: own.delivery,
        is_new_device: !own.is_known_device,
        device: Some(KnownDevice {
            id: own.device.clone(),
            second,
        }),
        password_changed_at: Some(own.password_changed_at),
        amr: proven.accepted.amr,
        live: ready(Ok(live)),
        ids: ids.for_session(own.sid.clone()),
    };
    let open = async |session: &_| {
        let is_open = factors.open(session, proven.spend(), now).await?;
        is_open.then_some(()).ok_or_else(|| refused("used_code"))
    };
    let Begun { tokens, device, ended } =
        begin_with(beginning, open, now, issuing, max_sessions, sessions, feed).await?;
    proven.clear(attempts).await;
    Ok(SecondStepDone {
        user_id: user_id.clone(),
        tokens,
        device,
        method: proven.spend().method(),
        went_back: proven.accepted.went_back,
        replacement: proven.accepted.replacement,
        ended,
    })
}

fn map_prove_error(error: ProveError, user_id: &UserId) -> SecondStepError {
    match error {
        ProveError::Refused(reason) => SecondStepError::Refused {
            user_id: Some(user_id.clone()),
            reason,
        },
        ProveError::Throttled(retry_after) => SecondStepError::Throttled {
            user_id: user_id.clone(),
            retry_after,
        },
        ProveError::Store(error) => error.into(),
    }
}
