//! Changing a password: the user gives the current one and a new one.

use claims::{Device, DeviceId, Issuer, Moment, SessionId, SignError, Span, TokenId, Unverified, UserId, Verifier};
use rand::CryptoRng;

use crate::{
    attempts::{CountAttempts, CountSources, CountSuccesses, GuardError, Lane, Success, Throttled, admit},
    error::StoreError,
    factor::{Demand, demand_factor},
    feed::{AnnounceRevocations, Revocation},
    keys::Signer,
    password::{FindPassword, HashError, Hasher, Password, PasswordHash, PasswordRecord, RETRY, Salt},
    session::{
        BoundDevice, FRESH, FindSession, IssuedDevice, KnownDevice, LiveCaller, Session, issue_device, known_device,
        live_caller,
    },
    user::{Email, FindUser},
};

/// A request to change a password.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// The session in which the request is made. It stays alive.
    pub sid: &'a SessionId,
    /// The current password.
    pub current: &'a Password,
    /// The new password.
    pub new: &'a Password,
    /// The device token from the last login on this device, if the client sent one.
    pub device_token: Option<Unverified<'a, Device>>,
}

/// Why a request to change a password failed. If the store or the signing failed, the password may have been changed,
/// and a retry completes the change. After any other error, the request has not changed the password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordChangeError {
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
    /// The current password is wrong.
    #[error("wrong password")]
    WrongPassword(UserId),
    /// Too many earlier attempts failed, or the password was changed too often within the hour. In the first case, the
    /// current password was not checked.
    #[error("too many attempts")]
    Throttled {
        /// The user.
        user_id: UserId,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// Another request changed the password, the user or the session in the meantime.
    #[error("the user was changed at the same time")]
    Overtaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A password could not be hashed or checked.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// What a change of password writes, and the stored state that it requires.
#[derive(Clone, Copy, Debug)]
pub struct NewPassword<'a> {
    /// The address of the user.
    pub email: &'a Email,
    /// The hash that is replaced.
    pub old: &'a PasswordHash,
    /// The new credentials.
    pub new: &'a PasswordRecord,
    /// The session that stays alive.
    pub session: &'a Session,
    /// The lane in which the attempt was counted.
    pub lane: &'a Lane,
}

/// The result of a change of password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordChanged {
    /// The password was changed.
    Done,
    /// The credentials, the user or the session changed in the meantime.
    Overtaken,
    /// The user's password was changed too often within the hour. The next change is admitted after this wait.
    TooMany(Span),
}

/// Replaces a user's credentials and ends all their sessions but one, in one step. A change of password needs this.
///
/// Law: either all writes of a change take effect, or none.
pub trait ChangePassword: Sync {
    /// Writes the new credentials if the old hash is still the one under this address. Raises the epochs of the user
    /// and of the session under the conditions of [`crate::session::KeepOneSession::keep_only`]. Forgets the failures
    /// of the lane, as [`CountAttempts::clear`] does, and counts a [`Success::Change`], as
    /// [`CountSuccesses::count_success`] does. If the deployment sends mail, queues a
    /// [`crate::mail::Notice::PasswordChanged`].
    fn change(
        &self,
        change: NewPassword<'_>,
        now: Moment,
    ) -> impl Future<Output = Result<PasswordChanged, StoreError>> + Send;
}

/// Replaces a user's password and ends all their sessions except the one in which the request is made. Afterwards the
/// only known device is the one that made the request. It gets a new device token. The attempt is counted as at a
/// login, but in a lane of this session. Someone with a stolen access token therefore cannot prevent the user from
/// logging in, or from changing the password in another session. The credentials are read while the attempt is counted,
/// and the attempt is taken back if they cannot be read. The write that changes the password also forgets the failure,
/// so the attempt of an overtaken change stays counted.
///
/// # Errors
/// If the session is over, the user is disabled or the current password is wrong; if there were too many attempts, or
/// too many changes within the hour; if the password or the session changed in the meantime; and if hashing, the store
/// or the keys fail. A retry completes a half-done change: within a minute of the change, a request with the same new
/// password succeeds again.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn change_password(
    request: PasswordChange<'_>,
    now: Moment,
    rng: &mut impl CryptoRng,
    hasher: &Hasher,
    users: &(impl FindPassword + FindUser),
    attempts: &(impl CountAttempts + CountSources + CountSuccesses),
    sessions: &impl FindSession,
    credentials: &impl ChangePassword,
    feed: &impl AnnounceRevocations,
    issuer: &Issuer,
    devices: &Verifier<Device>,
    signer: &impl Signer<Device>,
) -> Result<IssuedDevice, PasswordChangeError> {
    signer.ready(now.timestamp())?;
    let [attempt, device_token] = [TokenId::draw(now, rng), TokenId::draw(now, rng)];
    let (salt, new_device) = (Salt::new(rng), DeviceId::draw(now, rng));
    let caller = live_caller(request.user_id, request.sid, now.timestamp(), users, sessions).await?;
    let caller = caller.ok_or_else(|| PasswordChangeError::Over(request.user_id.clone()));
    let LiveCaller { user, email, session } = caller?;
    demand_factor(&user, &session).map_err(|demand| PasswordChangeError::Demanded {
        user_id: user.id,
        demand,
    })?;
    let lane = Lane::Change {
        user_id: request.user_id.clone(),
        sid: request.sid.clone(),
        is_fresh: now.timestamp() < session.auth_time.plus(FRESH),
    };
    let admitted = admit(lane, &attempt, now, attempts);
    let (stored, ticket) = futures::join!(users.password_record(&email), admitted);
    let into_change_error = |error| map_guard_error(error, request.user_id);
    let ticket = ticket.map_err(into_change_error)?;
    let stored = match of_asker(stored, request.user_id) {
        Ok(stored) => stored,
        Err(error) => {
            ticket.take_back(attempts).await;
            return Err(error);
        }
    };
    let device = known_device(request.device_token.as_ref(), &stored, now.timestamp(), devices);

    let (current, least, share) = if hasher.check(&stored.password_hash, request.current).await? {
        let new = PasswordRecord {
            user_id: request.user_id.clone(),
            password_hash: hasher.hash(request.new, salt).await?,
            password_changed_at: stored.next_change(now.timestamp()),
        };
        let change = NewPassword {
            email: &email,
            old: &stored.password_hash,
            new: &new,
            session: &session,
            lane: ticket.lane(),
        };
        let changed = credentials.change(change, now);
        let (changed, share) = futures::join!(changed, feed.reserve(request.user_id, now));
        if let (Ok(share), false) = (&share, matches!(changed, Ok(PasswordChanged::Done))) {
            feed.give_back(*share, request.user_id, now).await;
        }
        // The password was right, so the attempt is not a failure. An overtaken change stays counted.
        if matches!(changed, Err(_) | Ok(PasswordChanged::TooMany(_))) {
            ticket.take_back(attempts).await;
        }
        refuse_unchanged(changed?, request.user_id)?;
        (new, session.epoch.saturating_add(1), share?)
    } else if is_retry(&request, &stored, now, hasher).await? {
        let success = Success::Change(request.user_id.clone());
        let excused = ticket.excuse(&success, attempts);
        let (excused, share) = futures::join!(excused, feed.reserve(request.user_id, now));
        if let (Ok(share), Err(_)) = (&share, &excused) {
            feed.give_back(*share, request.user_id, now).await;
        }
        excused.map_err(into_change_error)?;
        (stored, session.epoch, share?)
    } else {
        return Err(PasswordChangeError::WrongPassword(request.user_id.clone()));
    };
    let revocation = Revocation::Epoch {
        user_id: request.user_id.clone(),
        least,
        except: Some(request.sid.clone()),
    };
    feed.announce_reserved(share, &revocation, now).await?;
    let device = BoundDevice {
        user_id: request.user_id.clone(),
        device: KnownDevice {
            id: device.map_or(new_device, |device| device.id),
            second: None,
        },
        password_changed_at: current.password_changed_at,
    };
    Ok(issue_device(device, device_token, now.timestamp(), issuer, signer).await?)
}

/// Turns an error of the guard into the error of a change of password.
fn map_guard_error(error: GuardError, user_id: &UserId) -> PasswordChangeError {
    match error {
        GuardError::Throttled(Throttled { retry_after, .. }) => PasswordChangeError::Throttled {
            user_id: user_id.clone(),
            retry_after,
        },
        GuardError::Store(error) => error.into(),
    }
}

/// Returns an error if the password was not changed.
fn refuse_unchanged(changed: PasswordChanged, user_id: &UserId) -> Result<(), PasswordChangeError> {
    match changed {
        PasswordChanged::Done => Ok(()),
        PasswordChanged::Overtaken => Err(PasswordChangeError::Overtaken),
        PasswordChanged::TooMany(retry_after) => Err(PasswordChangeError::Throttled {
            user_id: user_id.clone(),
            retry_after,
        }),
    }
}

/// Returns the stored credentials if there are any and they belong to this user.
fn of_asker(
    stored: Result<Option<PasswordRecord>, StoreError>,
    user_id: &UserId,
) -> Result<PasswordRecord, PasswordChangeError> {
    let stored = stored?.filter(|stored| stored.user_id == *user_id);
    stored.ok_or_else(|| PasswordChangeError::Over(user_id.clone()))
}

/// Returns whether the password was changed to the requested one within the last [`RETRY`].
async fn is_retry(
    request: &PasswordChange<'_>,
    stored: &PasswordRecord,
    now: Moment,
    hasher: &Hasher,
) -> Result<bool, HashError> {
    let is_recent = now.timestamp() < stored.password_changed_at.plus(RETRY);
    Ok(is_recent && hasher.check(&stored.password_hash, request.new).await?)
}
