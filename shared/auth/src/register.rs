//! Finishing a registration: somebody who can read a mailbox chooses a password, and gets an account and a session.

use claims::{Access, Amr, Delivery, Device, Moment, Refresh, Role, Scope, SignError, Span, TokenId, UserId};
use futures::future::ready;
use rand::CryptoRng;

use crate::{
    accounts::{AddUsers, Addition},
    attempts::{CountAttempts, Pseudonym},
    error::StoreError,
    feed::AnnounceRevocations,
    keys::Signer,
    mail::{Proof, ProofError, Proofs, Registrant},
    password::{FindPassword, HashError, Hasher, InvalidPassword, Password, PasswordRecord, PasswordRule, Salt},
    session::{
        BeginError, Beginning, ClientDetails, IssuedDevice, IssuedTokens, Issuing, NewIds, OpenSessions,
        RevokeSessions, begin,
    },
    user::{Email, FindUser, NewUser, Status, User},
};

/// A request to finish a registration.
#[derive(Debug)]
pub struct Registration<'a> {
    /// What proves that the person can read the mailbox.
    pub proof: Proof<'a>,
    /// The password that the person chose.
    pub password: &'a str,
    /// The requirements for it.
    pub rule: &'a PasswordRule,
    /// How the refresh token is delivered.
    pub delivery: Delivery,
    /// What is known about the client.
    pub client: ClientDetails,
}

/// What every user who registers gets.
#[derive(Clone, Debug)]
pub struct NewUserClaims {
    /// The role.
    pub role: Role,
    /// The permissions.
    pub scope: Scope,
}

/// Somebody has registered and is logged in.
#[derive(Debug)]
pub struct Registered {
    /// The user.
    pub user_id: UserId,
    /// The first tokens of the session.
    pub tokens: IssuedTokens,
    /// The token by which the next login recognises the device.
    pub device: Option<IssuedDevice>,
    /// Whether the request was repeated, because the answer to the first one was lost.
    pub is_repeated: bool,
}

/// Why a registration was not finished.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The link or code is invalid, over or used, or somebody else has the address. All have the same response.
    #[error("the link or code is refused: {0}")]
    Refused(&'static str),
    /// There were too many wrong codes, or too many repeats of a registration.
    #[error("too many wrong codes or repeats")]
    Throttled {
        /// The pseudonym of the address.
        address: Pseudonym,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// The password does not meet the requirements. The link or code is still valid.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// The user's access tokens would be too long.
    #[error("the claims of a new user are {excess} bytes too long for an access token")]
    TooLong {
        /// The excess in bytes of JSON.
        excess: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl From<ProofError> for RegisterError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Refused(reason) => Self::Refused(reason),
            ProofError::Throttled { address, retry_after } => Self::Throttled { address, retry_after },
            ProofError::Store(error) => error.into(),
            ProofError::Sign(error) => error.into(),
        }
    }
}

impl From<BeginError> for RegisterError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Store(error) => error.into(),
            BeginError::Sign(error) => error.into(),
        }
    }
}

/// Adds the user whose mailbox was proven, with the password that they chose, and logs them in.
///
/// The id of the user follows from the request for the mail. If the answer is lost, the same request with the same
/// password therefore finds its own user and logs them in. Such repeats are counted, whether or not the password is
/// right. Nothing is stored before, so nobody can take an address in advance.
///
/// # Errors
/// If the link or code is refused, the password is too weak, somebody else has the address, or hashing, the store or the
/// keys fail. After a failure of the store or the keys, the user may have been added, and a retry finishes the
/// registration.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn register<S: Signer<Access> + Signer<Refresh> + Signer<Device>>(
    registration: Registration<'_>,
    claims: &NewUserClaims,
    now: Moment,
    rng: &mut impl CryptoRng,
    issuing: &Issuing<'_, S>,
    proofs: Proofs<'_>,
    hasher: &Hasher,
    users: &(impl FindPassword + FindUser + AddUsers),
    attempts: &impl CountAttempts,
    sessions: &(impl OpenSessions + RevokeSessions),
    feed: &impl AnnounceRevocations,
) -> Result<Registered, RegisterError> {
    let (ids, salt) = (NewIds::draw(now, rng), Salt::new(rng));
    let [attempt, repeat] = [TokenId::draw(now, rng), TokenId::draw(now, rng)];
    let registrant = proofs
        .check_registration(registration.proof, &attempt, now, attempts)
        .await?;
    let password = Password::choose(registration.password, registration.rule, Some(&registrant.email))?;
    let user = new_user(&registrant, claims, now)?;
    let added = add(&user, &registrant.email, &password, salt, now, hasher, users).await?;
    let is_repeated = added.is_none();
    let (user, credentials) = if let Some(credentials) = added {
        (user, credentials)
    } else {
        let credentials = find_own(&user.id, &registrant.email, users).await?;
        proofs.count_repeat(&registrant, &repeat, now, attempts).await?;
        (check_own(&credentials, &password, hasher, users).await?, credentials)
    };

    let user_id = user.id.clone();
    let beginning = Beginning {
        user,
        client: registration.client,
        delivery: registration.delivery,
        device: None,
        // There is no earlier device that the user would compare this one with.
        is_new_device: false,
        password_changed_at: Some(credentials.password_changed_at),
        amr: Amr::PASSWORD,
        live: ready(Ok(Vec::new())),
        ids,
    };
    let admitted = ready(Ok::<_, RegisterError>(()));
    // A new user has no other session, so there is none to end.
    let begun = begin(beginning, admitted, now, issuing, usize::MAX, sessions, feed).await?;
    Ok(Registered {
        user_id,
        tokens: begun.tokens,
        device: begun.device,
        is_repeated,
    })
}

fn new_user(registrant: &Registrant, claims: &NewUserClaims, now: Moment) -> Result<User, RegisterError> {
    let (role, scope) = registrant
        .granted
        .clone()
        .unwrap_or_else(|| (claims.role.clone(), claims.scope.clone()));
    let new = NewUser {
        email: registrant.email.clone(),
        role,
        scope,
    };
    let user = User::new(registrant.user_id.clone(), new, now.timestamp());
    match user.claims().excess() {
        0 => Ok(user),
        excess => Err(RegisterError::TooLong { excess }),
    }
}

/// Adds the user with this password. Returns their credentials, or `None` if somebody has the address. The address is
/// looked up first, so that a used link costs no hash.
async fn add(
    user: &User,
    email: &Email,
    password: &Password,
    salt: Salt,
    now: Moment,
    hasher: &Hasher,
    users: &(impl FindPassword + AddUsers),
) -> Result<Option<PasswordRecord>, RegisterError> {
    if users.password_record(email).await?.is_some() {
        return Ok(None);
    }
    let credentials = PasswordRecord {
        user_id: user.id.clone(),
        password_hash: hasher.hash(password, salt).await?,
        password_changed_at: now.timestamp(),
    };
    Ok(match users.add(user, email, &credentials).await? {
        Addition::Added => Some(credentials),
        Addition::Taken => None,
    })
}

/// Returns the credentials of the user whom an earlier try of this request has added, if they still have this address.
async fn find_own(id: &UserId, email: &Email, users: &impl FindPassword) -> Result<PasswordRecord, RegisterError> {
    let found = users.password_record(email).await?;
    let own = found.filter(|found| found.user_id == *id);
    own.ok_or(RegisterError::Refused("address_taken"))
}

/// Returns the user of these credentials, if this is their password, they may log in, and they have not added a second
/// factor since.
async fn check_own(
    credentials: &PasswordRecord,
    password: &Password,
    hasher: &Hasher,
    users: &impl FindUser,
) -> Result<User, RegisterError> {
    if !hasher.check(&credentials.password_hash, password).await? {
        return Err(RegisterError::Refused("used_link"));
    }
    let user = users.user(&credentials.user_id).await?;
    let user = user.filter(|user| user.status == Status::Enabled && user.factors.is_none());
    user.ok_or(RegisterError::Refused("address_taken"))
}
