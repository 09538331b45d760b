//! Asking for another address, with the current password. Letters to the present address and then to the new one have
//! the links that [`crate::confirm_address`] takes.

use claims::{Moment, SessionId, SignError, Span, TokenId, UserId};
use rand::CryptoRng;

use crate::{
    attempts::{CountAttempts, CountSources, CountSuccesses, Pseudonym, Success},
    error::StoreError,
    factor::{Demand, demand_factor},
    mail::{Language, MailTo, ProofError, Proofs, Purpose, QueueMail, QueuedMail, Queueing},
    password::{Asker, CurrentPasswordError, FindPassword, HashError, Hasher, Password, check_current},
    sealing::SealError,
    session::{FRESH, FindSession, live_caller},
    user::{Email, FindUser, User},
};

/// A request to change an address.
#[derive(Debug)]
pub struct AddressChange<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// The session in which the request is made.
    pub sid: &'a SessionId,
    /// The new address.
    pub email: Email,
    /// The current password.
    pub password: &'a Password,
    /// The language of the letters, if the client named one.
    pub language: Option<Language>,
}

/// Why an address was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AddressChangeError {
    /// The session is over, or the user may no longer log in.
    #[error("the session is over")]
    Over(UserId),
    /// The user has a second factor, and has not proven it in this session.
    #[error("the user has to authenticate again")]
    Demanded {
        /// The user.
        user_id: UserId,
        /// What the session lacks.
        demand: Demand,
    },
    /// The password is wrong.
    #[error("wrong password")]
    WrongPassword(UserId),
    /// The new address is the present one.
    #[error("the user has this address already")]
    SameAddress,
    /// The user's access tokens would be too long.
    #[error("the new address is {excess} bytes too long for an access token")]
    TooLong {
        /// The excess in bytes of JSON.
        excess: usize,
    },
    /// The link is invalid, over or used, or somebody else has the new address. All have the same response.
    #[error("the link is refused: {0}")]
    Refused(&'static str),
    /// There were too many attempts before this one.
    #[error("too many attempts")]
    Throttled {
        /// The pseudonym of the user's present address, if it is known.
        address: Option<Pseudonym>,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// The new address could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key could not be used.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl From<ProofError> for AddressChangeError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Refused(reason) => Self::Refused(reason),
            ProofError::Throttled { address, retry_after } => Self::Throttled {
                address: Some(address),
                retry_after,
            },
            ProofError::Store(error) => error.into(),
            ProofError::Sign(error) => error.into(),
        }
    }
}

/// Queues a letter to the user's present address, with a link that confirms the move. Nothing is looked up about the new
/// address, so the answer does not tell whether somebody has it.
///
/// # Errors
/// If the session is over, the password is wrong, there were too many attempts, or hashing, the store or the keys fail.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn request_address_change(
    change: AddressChange<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    proofs: Proofs<'_>,
    hasher: &Hasher,
    users: &(impl FindPassword + FindUser),
    attempts: &(impl CountAttempts + CountSources + CountSuccesses),
    sessions: &impl FindSession,
    outbox: &impl QueueMail,
) -> Result<UserId, AddressChangeError> {
    let [attempt, queued] = [TokenId::draw(now, rng), TokenId::draw(now, rng)];
    let to = MailTo {
        email: change.email,
        language: change.language,
        asked_at: now,
    };
    let sealed = proofs.mail_keys.seal(Purpose::AddressOld, &to, rng)?;
    let over = || AddressChangeError::Over(change.user_id.clone());
    let caller = live_caller(change.user_id, change.sid, now.timestamp(), users, sessions).await?;
    let caller = caller.ok_or_else(over)?;
    demand_factor(&caller.user, &caller.session).map_err(|demand| AddressChangeError::Demanded {
        user_id: change.user_id.clone(),
        demand,
    })?;
    if caller.email.normalised() == to.email.normalised() {
        return Err(AddressChangeError::SameAddress);
    }
    let moved = User {
        email: to.email.typed().to_owned(),
        ..caller.user
    };
    if let excess @ 1.. = moved.claims().excess() {
        return Err(AddressChangeError::TooLong { excess });
    }
    let asker = Asker {
        user_id: change.user_id,
        sid: change.sid,
        email: &caller.email,
        is_fresh: now.timestamp() < caller.session.auth_time.plus(FRESH),
    };
    let success = Success::Change(change.user_id.clone());
    let checked = check_current(asker, change.password, &attempt, &success, now, hasher, users, attempts);
    checked
        .await
        .map_err(|error| map_password_error(error, change.user_id))?;
    let address = proofs.pseudonyms.hash_address(&caller.email);
    let mail = QueuedMail {
        address,
        purpose: Purpose::AddressOld,
        sealed,
        asked_at: now,
        attempt: queued,
        user_id: Some(change.user_id.clone()),
        grant: None,
    };
    queue(&mail, outbox).await?;
    Ok(change.user_id.clone())
}

fn map_password_error(error: CurrentPasswordError, user_id: &UserId) -> AddressChangeError {
    match error {
        CurrentPasswordError::Gone => AddressChangeError::Over(user_id.clone()),
        CurrentPasswordError::Wrong => AddressChangeError::WrongPassword(user_id.clone()),
        CurrentPasswordError::Throttled(retry_after) => AddressChangeError::Throttled {
            address: None,
            retry_after,
        },
        CurrentPasswordError::Store(error) => error.into(),
        CurrentPasswordError::Hash(error) => error.into(),
    }
}

pub(crate) async fn queue(mail: &QueuedMail, outbox: &impl QueueMail) -> Result<(), AddressChangeError> {
    match outbox.queue(mail).await? {
        Queueing::Queued => Ok(()),
        Queueing::Wait(retry_after) => Err(AddressChangeError::Throttled {
            address: Some(mail.address.clone()),
            retry_after,
        }),
    }
}
