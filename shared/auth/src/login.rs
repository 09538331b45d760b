//! Logging in: exchanging a password for a session and its first tokens.

use claims::{
    Access, Amr, Delivery, Device, Draft, Moment, Refresh, Second, SecondClaims, SignError, SignedToken, Span,
    Timestamp, TokenId, Unverified, UserId,
};
use futures::future::{Either, ready};
use rand::CryptoRng;

pub use crate::password::HashUpgrade;
use crate::{
    attempts::{
        CountAttempts, CountSources, CountSuccesses, GuardError, LoginAttempt, Pseudonym, Success, Throttled,
        Throttling,
    },
    error::StoreError,
    factor::SECOND_STEP_LIFE,
    feed::AnnounceRevocations,
    keys::Signer,
    password::{FindPassword, HashError, Hasher, Password, PasswordRecord, Salt, UpgradeHash, upgrade},
    session::{
        Alive, BeginError, Beginning, ClientDetails, Devices, EndedSessions, FindLiveSessions, IssuedDevice,
        IssuedTokens, Issuing, NewIds, OpenSessions, RevokeSessions, begin, is_device_token, known_device, run_beside,
    },
    user::{Email, FactorKinds, FindUser, Status, User},
};

/// A request to log in.
#[derive(Debug)]
pub struct LoginRequest<'a> {
    /// The address of the user.
    pub email: &'a Email,
    /// The password of the user.
    pub password: &'a Password,
    /// The device token from the last login on this device, if the client sent one.
    pub device_token: Option<Unverified<'a, Device>>,
    /// How the refresh token is delivered.
    pub delivery: Delivery,
    /// What is known about the client.
    pub client: ClientDetails,
}

/// Why a login failed. The first three variants have the same response.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// No user has this address.
    #[error("unknown user")]
    UnknownUser(Pseudonym),
    /// The password is wrong.
    #[error("wrong password")]
    WrongPassword(UserId),
    /// The user is disabled.
    #[error("disabled user")]
    Disabled(UserId),
    /// The password is right, and the user has a second factor. No session was opened.
    #[error("a second factor is required")]
    SecondRequired(Box<SecondRequired>),
    /// Too many earlier attempts failed, or the user logged in too often within the hour. In the first case, the
    /// password was not checked.
    #[error("too many attempts by this {lane}")]
    Throttled {
        /// The pseudonym of the address.
        address: Pseudonym,
        /// The name of the limit that was reached.
        lane: &'static str,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// The source has no attempts left in the current window. This process had already seen that, so it did not ask the
    /// store about the source.
    #[error("the source has no attempts left until its window ends")]
    SourceClosed {
        /// How long the window still lasts.
        retry_after: Span,
    },
    /// The store failed.
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

/// What the client needs for the second step of a login.
#[derive(Debug)]
pub struct SecondRequired {
    /// The user.
    pub user_id: UserId,
    /// The token that the second step has to bring back.
    pub token: SignedToken<Second>,
    /// How long the token is valid.
    pub expires_in: Span,
    /// The kinds of factor that the user has.
    pub factors: FactorKinds,
    /// How long the device can be remembered. Zero if it cannot.
    pub remembered_for: Span,
    /// The name of the lane that admitted the attempt.
    pub lane: &'static str,
}

/// A login that succeeded.
#[derive(Debug)]
pub struct LoggedIn {
    /// The user.
    pub user_id: UserId,
    /// The first tokens of the session.
    pub tokens: IssuedTokens,
    /// The token by which the next login recognises the device.
    pub device: Option<IssuedDevice>,
    /// The name of the lane that admitted the attempt.
    pub lane: &'static str,
    /// Whether the stored hash was replaced, and if not, why not.
    pub hash_upgrade: HashUpgrade,
    /// The sessions that ended to make room for the new one.
    pub ended: EndedSessions,
}

/// Checks an address and a password, opens a session and issues its first tokens. A stored hash that is weaker than new
/// ones is replaced, unless it has changed since it was read.
///
/// The attempt is counted as a failure before its password is checked, and the failure is taken back once the password
/// turns out to be right. The user can be read while the attempt is counted, because the lane depends only on the
/// credentials and the device. If the user cannot be read, the attempt is taken back. If this process has already seen
/// that the source is closed, an attempt without a valid device token is refused without a read. If the attempt has a
/// valid device token, the credentials are read first, since they show whether the token is this user's.
///
/// Once the password has turned out to be right, three things happen at the same time: the credentials are read again,
/// the failure is taken back, and the session is stored. The tokens are handed out only if all three succeed. Otherwise
/// the session, whose tokens nobody has, is revoked.
///
/// Once the new session is stored, the user's least recently used sessions end, so that the user has no more than
/// `max_sessions`. The sessions are read while the password is hashed, whether or not the address is known. Concurrent
/// logins do not see each other's sessions, so together they may exceed the limit; the next login ends the excess.
///
/// If the user has a second factor, no session is opened, unless the device is remembered: the session has one factor then. The attempt is excused all the same, because the password was
/// right: what is left to guess is counted in the second step.
///
/// # Errors
/// If the address is unknown, the password is wrong or the user is disabled. All three cause the same reads, counts and
/// hashes.
///
/// If there were too many attempts, whether the address is known or not; if the user has logged in too often within the
/// hour; and if hashing, the store or the keys fail.
///
/// A login that fails after its password turned out to be right may have stored a session, although nobody has its
/// tokens. The session is revoked if the store answers soon, and otherwise ends at its idle limit. If the process ends
/// before the password was found to be right, the attempt stays counted as a failure.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn login<S: Signer<Access> + Signer<Refresh> + Signer<Device> + Signer<Second>>(
    request: LoginRequest<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    issuing: &Issuing<'_, S>,
    devices: Devices<'_>,
    hasher: &Hasher,
    throttling: Throttling<'_>,
    users: &(impl FindPassword + FindUser + UpgradeHash),
    attempts: &(impl CountAttempts + CountSources + CountSuccesses),
    max_sessions: usize,
    sessions: &(impl OpenSessions + FindLiveSessions + RevokeSessions),
    feed: &impl AnnounceRevocations,
) -> Result<LoggedIn, LoginError> {
    let LoginRequest { email, password, .. } = request;
    let (ids, token_id, salt) = (NewIds::draw(now, rng), TokenId::draw(now, rng), Salt::new(rng));
    let decoy = PasswordRecord {
        user_id: UserId::draw(now, rng),
        password_hash: hasher.decoy().clone(),
        password_changed_at: now.timestamp(),
    };
    let (ip, token) = (request.client.ip.as_deref(), request.device_token.as_ref());
    let attempt = LoginAttempt::new(ids.attempt().clone(), email, ip, throttling, now);
    let into_login_error = |error| map_guard_error(error, attempt.address());

    let closed = attempt.source_wait(throttling.closed);
    if !is_device_token(token, now.timestamp(), devices.verifier) {
        refuse_closed(closed)?;
    }
    let count_sources = attempt.count_sources(throttling.closed, attempts);
    let (found, sources) = futures::join!(users.password_record(email), count_sources);
    let sources = sources?;
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            attempt.take_back_sources(&sources, attempts).await;
            return Err(error.into());
        }
    };
    let is_known = found.is_some();
    let credentials = found.unwrap_or(decoy);
    let device = known_device(token, &credentials, now.timestamp(), devices.verifier);
    if device.is_none() {
        refuse_closed(closed)?;
    }
    let admitted = attempt.admit(device.as_ref().map(|device| &device.id), &sources, attempts);
    let (user, ticket) = futures::join!(users.user(&credentials.user_id), admitted);
    if let Err(GuardError::Store(_)) = &ticket {
        attempt.take_back_sources(&sources, attempts).await;
    }
    let ticket = ticket.map_err(into_login_error)?;
    let user = match user {
        Ok(user) => user,
        Err(error) => {
            ticket.take_back(attempts).await;
            return Err(error.into());
        }
    };

    let alive = Alive {
        user_id: &credentials.user_id,
        epoch: user.as_ref().map_or(0, |user| user.epoch),
        now: now.timestamp(),
    };
    let check = hasher.form_of(&credentials.password_hash, password);
    let (form, live) = run_beside(check, Box::pin(sessions.live(alive))).await;
    let form = form?;
    let user = admit_user(&credentials.user_id, is_known, form.is_some(), user, attempt.address())?;
    let (user_id, lane) = (user.id.clone(), ticket.lane().name());
    let success = Success::Login(user_id.clone(), device.as_ref().map(|device| device.id.clone()));
    let limit = throttling.pseudonyms.hash_success(&success);
    let admission = async {
        let (unchanged, excused) = futures::join!(
            check_unchanged(email, &credentials, users),
            ticket.excuse(&success, attempts)
        );
        if let Err(GuardError::Throttled(_)) = &excused {
            throttling.closed.close(&limit, now);
        }
        unchanged?;
        excused.map_err(into_login_error)
    };
    // If the user is known to have no logins left, no session is stored, since it would have to be revoked at once.
    let admission = if throttling.closed.wait(&limit, now).is_some() {
        admission.await?;
        Either::Left(ready(Ok(())))
    } else {
        Either::Right(admission)
    };

    let beginning = Beginning {
        user,
        client: request.client,
        delivery: request.delivery,
        is_new_device: device.is_none(),
        device,
        password_changed_at: Some(credentials.password_changed_at),
        amr: Amr::PASSWORD,
        live,
        ids,
    };
    if beginning.needs_second(now.timestamp(), devices.remembered_for) {
        admission.await?;
        upgrade(email, password, form, &credentials.password_hash, salt, hasher, users).await;
        return Err(require_second(beginning, &credentials, lane, token_id, devices, now, issuing).await);
    }
    let begun = begin(beginning, admission, now, issuing, max_sessions, sessions, feed).await?;
    Ok(LoggedIn {
        hash_upgrade: upgrade(email, password, form, &credentials.password_hash, salt, hasher, users).await,
        ended: begun.ended,
        user_id,
        lane,
        tokens: begun.tokens,
        device: begun.device,
    })
}

impl<L> Beginning<L> {
    /// Returns whether the user has a second factor and has to prove it on this device.
    fn needs_second(&self, now: Timestamp, remembered_for: Span) -> bool {
        let device = self.device.as_ref();
        let is_remembered = device.is_some_and(|device| device.is_remembered(self.user.epoch, now, remembered_for));
        !self.user.factors.is_none() && !is_remembered
    }
}

/// Signs the token between the two steps, which has everything that the session will need.
async fn require_second<L>(
    beginning: Beginning<L>,
    credentials: &PasswordRecord,
    lane: &'static str,
    jti: TokenId,
    devices: Devices<'_>,
    now: Moment,
    issuing: &Issuing<'_, impl Signer<Second>>,
) -> LoginError {
    let Beginning { user, device, .. } = beginning;
    let (sid, new_device) = beginning.ids.into_session_and_device();
    let iat = now.timestamp();
    let draft = Draft {
        iss: issuing.terms.issuer.clone(),
        aud: issuing.terms.issuer.as_second_audience(),
        sub: user.id.clone(),
        jti,
        iat,
        exp: iat.plus(SECOND_STEP_LIFE),
        own: SecondClaims {
            sid,
            password_changed_at: credentials.password_changed_at,
            epoch: user.epoch,
            delivery: beginning.delivery,
            label: beginning.client.label,
            is_known_device: device.is_some(),
            device: device.map_or(new_device, |device| device.id),
        },
    };
    match issuing.signer.sign(&draft).await {
        Err(error) => error.into(),
        Ok(token) => LoginError::SecondRequired(Box::new(SecondRequired {
            user_id: user.id,
            token,
            expires_in: SECOND_STEP_LIFE,
            factors: user.factors,
            remembered_for: devices.remembered_for,
            lane,
        })),
    }
}

/// Turns an error of the guard into the error of a login.
fn map_guard_error(error: GuardError, address: &Pseudonym) -> LoginError {
    match error {
        GuardError::Throttled(Throttled { lane, retry_after }) => LoginError::Throttled {
            address: address.clone(),
            lane,
            retry_after,
        },
        GuardError::Store(error) => error.into(),
    }
}

/// Refuses the attempt if the source is closed. `closed` is how long the source stays closed, or `None` if it is open.
fn refuse_closed(closed: Option<Span>) -> Result<(), LoginError> {
    closed.map_or(Ok(()), |retry_after| Err(LoginError::SourceClosed { retry_after }))
}

/// Returns the user if they exist, the password is right and they may log in. Otherwise returns why the login fails.
fn admit_user(
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

/// Refuses the login if the password has changed since the credentials were read. Without this check, a change before
/// the user is read would do harm: the new session would have the user's new epoch, and would outlive the change. A
/// change after the user is read does no harm: the new session has the user's old epoch, and the change ends every
/// session with that epoch.
async fn check_unchanged(email: &Email, seen: &PasswordRecord, users: &impl FindPassword) -> Result<(), LoginError> {
    let now = users.password_record(email).await?;
    let is_same =
        |now: &PasswordRecord| now.user_id == seen.user_id && now.password_changed_at == seen.password_changed_at;
    now.filter(is_same)
        .map(drop)
        .ok_or_else(|| LoginError::WrongPassword(seen.user_id.clone()))
}
