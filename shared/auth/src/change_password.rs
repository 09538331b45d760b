//! Changing a password: the user gives the current one and a new one.

use claims::{Device, DeviceId, Issuer, Moment, SessionId, SignError, Span, TokenId, Unverified, UserId, Verifier};
use rand::CryptoRng;

use crate::{
    attempts::{CountAttempts, CountSources, CountSuccesses, GuardError, Lane, Success, Throttled, admit},
    error::StoreError,
    feed::{AnnounceRevocations, Revocation},
    keys::Signer,
    password::{FindPassword, HashError, Hasher, Password, PasswordHash, PasswordRecord, Salt},
    session::{BoundDevice, FindSession, IssuedDevice, Session, issue_device, known_device},
    user::{Email, FindUser, Status},
};

/// How long after a change the same request counts as a retry whose answer was lost.
const RETRY: Span = Span::seconds(60);

/// How long after giving the password a session counts as fresh. A user can always change their password in a fresh
/// session, even if stolen sessions have used up the attempts: they log in again first.
const FRESH: Span = Span::seconds(10 * 60);

/// A request to change a password.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// The user.
    pub user_id: &'a UserId,
    /// The session that sends the request. It stays alive.
    pub sid: &'a SessionId,
    /// The current password.
    pub current: &'a Password,
    /// The new password.
    pub new: &'a Password,
    /// The device token from the last login on this device, if the client sent one.
    pub device_token: Option<Unverified<'a, Device>>,
}

/// Why a password was not changed. Nothing was written except the count of the attempt.
#[derive(Debug, thiserror::Error)]
pub enum PasswordChangeError {
    /// The session is over, or the user may no longer log in.
    #[error("the session is over")]
    Over(UserId),
    /// The current password is wrong.
    #[error("wrong password")]
    WrongPassword(UserId),
    /// Too many attempts before this one failed, or too many changes were made. After failures, the password was not
    /// checked.
    #[error("too many attempts")]
    Throttled {
        /// The user.
        user_id: UserId,
        /// How long the client has to wait.
        retry_after: Span,
    },
    /// The password or the session changed in the meantime.
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

/// Replaces a user's credentials and ends all their sessions but one, in one step. A change of password needs this.
///
/// Law: all three of its writes take effect, or none.
pub trait ChangePassword: Sync {
    /// Writes `new` if `old` is still the hash under this address, and raises both epochs under the conditions of
    /// [`crate::session::KeepOneSession::keep_only`]. Returns whether all conditions held.
    fn change(
        &self,
        email: &Email,
        old: &PasswordHash,
        new: &PasswordRecord,
        session: &Session,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Replaces a user's password and ends all their sessions except the one that sent the request. Afterwards no device is
/// known except the user's own, which gets a new token. The attempt is counted as at a login, but in a lane of its
/// session. A stolen access token therefore stops its owner neither from logging in nor from changing the password in
/// another session.
///
/// # Errors
/// If the session is over or the current password wrong; if there were too many attempts, or too many changes within
/// the hour; if the user changed in the meantime; and if hashing, the store or the keys fail. A retry completes a
/// half-done change: within a minute of it, a request with the same new password succeeds again.
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
    let (email, stored, session) = find_asker(&request, now, users, sessions).await?;
    let device = known_device(request.device_token.as_ref(), &stored, now.timestamp(), devices);
    let lane = Lane::Change {
        user_id: request.user_id.clone(),
        sid: request.sid.clone(),
        is_fresh: now.timestamp() < session.auth_time.plus(FRESH),
    };
    let into_change_error = |error| map_guard_error(error, request.user_id);
    let ticket = admit(lane, &attempt, now, attempts).await.map_err(into_change_error)?;
    let success = Success::Change(request.user_id.clone());

    let (current, least) = if hasher.check(&stored.password_hash, request.current).await? {
        ticket.excuse(&success, attempts).await.map_err(into_change_error)?;
        let new = PasswordRecord {
            user_id: request.user_id.clone(),
            password_hash: hasher.hash(request.new, salt).await?,
            password_changed_at: now.timestamp(),
        };
        if !credentials
            .change(&email, &stored.password_hash, &new, &session)
            .await?
        {
            return Err(PasswordChangeError::Overtaken);
        }
        (new, session.epoch.saturating_add(1))
    } else if is_retry(&request, &stored, now, hasher).await? {
        ticket.excuse(&success, attempts).await.map_err(into_change_error)?;
        (stored, session.epoch)
    } else {
        return Err(PasswordChangeError::WrongPassword(request.user_id.clone()));
    };
    let revocation = Revocation::Epoch {
        user_id: request.user_id.clone(),
        least,
        except: Some(request.sid.clone()),
    };
    feed.announce(&revocation, now).await?;
    let device = BoundDevice {
        user_id: request.user_id.clone(),
        device: device.unwrap_or(new_device),
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

/// Returns the address, the credentials and the session of the user, if the session is alive.
async fn find_asker(
    request: &PasswordChange<'_>,
    now: Moment,
    users: &(impl FindPassword + FindUser),
    sessions: &impl FindSession,
) -> Result<(Email, PasswordRecord, Session), PasswordChangeError> {
    let (user, session) = futures::try_join!(
        users.user(request.user_id),
        sessions.session(request.user_id, request.sid)
    )?;
    let over = || PasswordChangeError::Over(request.user_id.clone());
    let user = user.filter(|user| user.status == Status::Enabled).ok_or_else(over)?;
    let session = session
        .filter(|session| !session.is_over(now.timestamp()) && session.epoch == user.epoch)
        .ok_or_else(over)?;
    let malformed = |_| StoreError::Malformed { operation: "read user" };
    let email = Email::parse(&user.email).map_err(malformed)?;
    let stored = users.password_record(&email).await?;
    let stored = stored.filter(|stored| stored.user_id == user.id).ok_or_else(over)?;
    Ok((email, stored, session))
}

/// Returns whether the password was changed to the new one a moment ago.
async fn is_retry(
    request: &PasswordChange<'_>,
    stored: &PasswordRecord,
    now: Moment,
    hasher: &Hasher,
) -> Result<bool, HashError> {
    let is_recent = now.timestamp() < stored.password_changed_at.plus(RETRY);
    Ok(is_recent && hasher.check(&stored.password_hash, request.new).await?)
}
