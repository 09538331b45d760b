//! Checking in a session the current password of its user.

use claims::{Moment, SessionId, Span, TokenId, UserId};

use crate::{
    attempts::{CountAttempts, CountSources, CountSuccesses, GuardError, Lane, Success, Throttled, admit},
    error::StoreError,
    password::{FindPassword, HashError, Hasher, Password, PasswordRecord},
    user::Email,
};

/// A user who gives the current password in a session.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) user_id: &'a UserId,
    pub(crate) sid: &'a SessionId,
    /// The user's address.
    pub(crate) email: &'a Email,
    /// Whether the user authenticated a moment ago.
    pub(crate) is_fresh: bool,
}

/// Why a current password was not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CurrentPasswordError {
    /// The user has no password under this address any more.
    #[error("the credentials are gone")]
    Gone,
    /// The password is wrong.
    #[error("wrong password")]
    Wrong,
    /// There were too many attempts before this one. The client has to wait this long.
    #[error("too many attempts")]
    Throttled(Span),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl From<GuardError> for CurrentPasswordError {
    fn from(error: GuardError) -> Self {
        match error {
            GuardError::Throttled(Throttled { retry_after, .. }) => Self::Throttled(retry_after),
            GuardError::Store(error) => error.into(),
        }
    }
}

/// Checks a password and returns the stored credentials. The attempt is counted in the lane of the session before the
/// check. If the password is right, the attempt counts as this `success` instead. If the credentials cannot be read, it
/// is taken back.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub(crate) async fn check_current(
    asker: Asker<'_>,
    password: &Password,
    attempt: &TokenId,
    success: &Success,
    now: Moment,
    hasher: &Hasher,
    users: &impl FindPassword,
    attempts: &(impl CountAttempts + CountSources + CountSuccesses),
) -> Result<PasswordRecord, CurrentPasswordError> {
    let lane = Lane::Change {
        user_id: asker.user_id.clone(),
        sid: asker.sid.clone(),
        is_fresh: asker.is_fresh,
    };
    let ticket = admit(lane, attempt, now, attempts).await?;
    let stored = match users.password_record(asker.email).await {
        Ok(stored) => stored.filter(|stored| stored.user_id == *asker.user_id),
        Err(error) => {
            ticket.take_back(attempts).await;
            return Err(error.into());
        }
    };
    let stored = stored.ok_or(CurrentPasswordError::Gone)?;
    if !hasher.check(&stored.password_hash, password).await? {
        return Err(CurrentPasswordError::Wrong);
    }
    ticket.excuse(success, attempts).await?;
    Ok(stored)
}
