//! Logging in: a password for a session and its first tokens.

use claims::{Access, Delivery, Device, Millis, Refresh, Seconds, SignError, UserId, Verifier};
use rand::CryptoRng;

use crate::{
    attempts::{
        CountAttempts, CountSources, CountSuccesses, GuardError, LoginAttempt, Pseudonym, Success, Throttled,
        Throttling,
    },
    error::StoreError,
    feed::AnnounceRevocations,
    keys::Signer,
    password::{
        FindPassword, HashError, Hasher, Password, PasswordForm, PasswordHash, PasswordRecord, Salt, UpgradeHash,
    },
    session::{
        Alive, BeginError, Beginning, ClientDetails, EndedSessions, FindLiveSessions, IssuedDevice, IssuedTokens,
        Issuing, NewIds, OpenSessions, RevokeSessions, begin, beside, is_device_token, known_device,
    },
    user::{Email, FindUser, Status, User},
};

/// Who wants to log in, and from where.
#[derive(Clone, Debug)]
pub struct LoginRequest<'a> {
    /// The address.
    pub email: &'a Email,
    /// The password.
    pub password: &'a Password,
    /// What their device kept of their last login from it.
    pub device_token: Option<&'a str>,
    /// How the refresh token is to travel.
    pub delivery: Delivery,
    /// What is known of the client.
    pub client: ClientDetails,
}

/// Why a login was refused. The caller cannot tell the first three apart.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Nobody has this address.
    #[error("unknown user")]
    UnknownUser(Pseudonym),
    /// The password is not this user's.
    #[error("wrong password")]
    WrongPassword(UserId),
    /// The user may not log in.
    #[error("disabled user")]
    Disabled(UserId),
    /// Too many attempts failed before this one, whose password was not looked at; or too many succeeded.
    #[error("too many attempts by this {lane}")]
    Throttled {
        /// What stands for the address.
        address: Pseudonym,
        /// Which attempts were too many.
        lane: &'static str,
        /// When another one may be made.
        retry_after: Seconds,
    },
    /// The source had no attempts left, as this process knew without asking the store.
    #[error("the source has no attempts left until its window ends")]
    SourceClosed {
        /// When its window ends.
        retry_after: Seconds,
    },
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl From<BeginError> for LoginError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Store(error) => error.into(),
            BeginError::Sign(error) => error.into(),
        }
    }
}

/// A login that succeeded.
#[derive(Debug)]
pub struct LoggedIn {
    /// Who logged in.
    pub user_id: UserId,
    /// Their first tokens.
    pub tokens: IssuedTokens,
    /// What their device is known by from now on.
    pub device: IssuedDevice,
    /// Whether it was known before.
    pub lane: &'static str,
    /// What became of their hash, should it have been weaker than new ones.
    pub hash_upgrade: HashUpgrade,
    /// The sessions that ended to make room for this one.
    pub ended: EndedSessions,
}

/// What became of a stored hash at a login. None of it hinders the login: what was not done is tried at the next one.
#[derive(Debug)]
pub enum HashUpgrade {
    /// It is as strong as a new one.
    NotDue,
    /// It was replaced.
    Done,
    /// It had changed since it was read, so it stayed as it was.
    Overtaken,
    /// No new one could be made.
    NotHashed(HashError),
    /// The store did not take the new one.
    NotStored(StoreError),
}

/// Checks an address and a password, opens a session and issues its first tokens. A stored hash that is weaker than new
/// ones is replaced, unless it changed meanwhile.
///
/// The attempt is counted before its password is looked at, and taken back once that turns out to be right. What a verdict
/// needs is read before it is counted, so that one which the store breaks off is not one that failed. From a source that
/// this process knows to be closed, only a token of a known device makes it read anything: whose it is, the credentials say.
///
/// The user has no more than `max_sessions` afterwards: the least recently used ones end, once the new one is there. The
/// sessions are looked at while the password is hashed, whether or not the address is known. Logins that run at once do not
/// see each other's sessions, so there may be as many too many; the next login ends them.
///
/// # Errors
/// When the address is unknown, the password wrong or the user disabled, all three after the same reads, the same counting
/// and the same hashing; when there were too many attempts, whether the address is known or not; when the user has
/// logged in too often within the hour; and when hashing, the store or the keys fail. A store that fails while the session
/// is written may have written it, with tokens that nobody holds: it is revoked, where the store answers at once, and ends by
/// itself at its idle limit else. A process that ends between count and verdict leaves a count.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn login<S: Signer<Access> + Signer<Refresh> + Signer<Device>>(
    request: LoginRequest<'_>,
    now: Millis,
    rng: &mut impl CryptoRng,
    issuing: &Issuing<'_, S>,
    devices: &Verifier<Device>,
    hasher: &Hasher,
    throttling: Throttling<'_>,
    users: &(impl FindPassword + FindUser + UpgradeHash),
    attempts: &(impl CountAttempts + CountSources + CountSuccesses),
    max_sessions: usize,
    sessions: &(impl OpenSessions + FindLiveSessions + RevokeSessions),
    feed: &impl AnnounceRevocations,
) -> Result<LoggedIn, LoginError> {
    let LoginRequest { email, password, .. } = request;
    let ids = NewIds::draw(now, rng);
    let salt = Salt::new(rng);
    let decoy = PasswordRecord {
        user_id: UserId::draw(now, rng),
        password_hash: hasher.decoy().clone(),
        password_changed_at: now.timestamp(),
    };
    let ip = request.client.ip.as_deref();
    let attempt = LoginAttempt::new(ids.attempt().clone(), email, ip, throttling, now);
    let refused = |error| refused(error, attempt.address());

    let closed = attempt.closed(throttling.closed);
    if !is_device_token(request.device_token, now.timestamp(), devices) {
        refuse_closed(closed)?;
    }
    let count_sources = attempt.count_sources(throttling.closed, attempts);
    let (found, sources) = tokio::try_join!(users.password_record(email), count_sources)?;
    let is_known = found.is_some();
    let credentials = found.unwrap_or(decoy);
    let device = known_device(request.device_token, &credentials, now.timestamp(), devices);
    if device.is_none() {
        refuse_closed(closed)?;
    }
    let user = users.user(&credentials.user_id).await?;
    let ticket = attempt
        .admit(device.as_ref(), &sources, attempts)
        .await
        .map_err(refused)?;

    let alive = Alive {
        user_id: &credentials.user_id,
        epoch: user.as_ref().map_or(0, |user| user.epoch),
        now: now.timestamp(),
    };
    let check = hasher.form_of(&credentials.password_hash, password);
    let (form, live) = beside(check, Box::pin(sessions.live(alive))).await;
    let form = form?;
    let user = admitted(&credentials.user_id, is_known, form.is_some(), user, attempt.address())?;
    still_theirs(email, &credentials, users).await?;
    let (user_id, lane) = (user.id.clone(), ticket.lane().name());
    let success = Success::Login(user_id.clone(), device.clone());
    ticket.excuse(&success, attempts).await.map_err(refused)?;

    let beginning = Beginning {
        user,
        client: request.client,
        delivery: request.delivery,
        device,
        password_changed_at: credentials.password_changed_at,
        live,
        ids,
    };
    let begun = begin(beginning, now, issuing, max_sessions, sessions, feed).await?;
    Ok(LoggedIn {
        hash_upgrade: upgrade(email, password, form, &credentials.password_hash, salt, hasher, users).await,
        ended: begun.ended,
        user_id,
        lane,
        tokens: begun.tokens,
        device: begun.device,
    })
}

/// What a login answers that the guard did not let pass.
fn refused(error: GuardError, address: &Pseudonym) -> LoginError {
    match error {
        GuardError::Throttled(Throttled { lane, retry_after }) => LoginError::Throttled {
            address: address.clone(),
            lane,
            retry_after,
        },
        GuardError::Store(error) => error.into(),
    }
}

/// Refuses where the source is known to be closed.
fn refuse_closed(closed: Option<Seconds>) -> Result<(), LoginError> {
    closed.map_or(Ok(()), |retry_after| Err(LoginError::SourceClosed { retry_after }))
}

/// The user, if it is one with this password who may log in.
fn admitted(
    user_id: &UserId,
    is_known: bool,
    verified: bool,
    user: Option<User>,
    address: &Pseudonym,
) -> Result<User, LoginError> {
    if !is_known {
        return Err(LoginError::UnknownUser(address.clone()));
    }
    if !verified {
        return Err(LoginError::WrongPassword(user_id.clone()));
    }
    user.filter(|user| user.status == Status::Enabled)
        .ok_or_else(|| LoginError::Disabled(user_id.clone()))
}

/// Refuses a password that was changed while it was checked. The user's epoch was read before: a session that is opened
/// with it ends with any change that this does not see.
async fn still_theirs(email: &Email, seen: &PasswordRecord, users: &impl FindPassword) -> Result<(), LoginError> {
    let now = users.password_record(email).await?;
    let is_same =
        |now: &PasswordRecord| now.user_id == seen.user_id && now.password_changed_at == seen.password_changed_at;
    now.filter(is_same)
        .map(drop)
        .ok_or_else(|| LoginError::WrongPassword(seen.user_id.clone()))
}

/// Replaces a hash that is weaker than new ones, or of a form of the password that is not hashed here: only now is the
/// password known that it is of.
async fn upgrade(
    email: &Email,
    password: &Password,
    form: Option<PasswordForm>,
    old: &PasswordHash,
    salt: Salt,
    hasher: &Hasher,
    users: &impl UpgradeHash,
) -> HashUpgrade {
    if form == Some(PasswordForm::Own) && !old.is_weaker_than(hasher.cost()) {
        return HashUpgrade::NotDue;
    }
    let new = match hasher.hash(password, salt).await {
        Ok(new) => new,
        Err(error) => return HashUpgrade::NotHashed(error),
    };
    match users.upgrade(email, old, &new).await {
        Ok(true) => HashUpgrade::Done,
        Ok(false) => HashUpgrade::Overtaken,
        Err(error) => HashUpgrade::NotStored(error),
    }
}
