//! Stores that fail for some or all calls, and keys that do not sign.

use auth::{
    attempts::{Admission, CountAttempts, CountSources, CountSuccesses, Lane, Pseudonym, Success},
    error::StoreError,
    feed::{AnnounceRevocations, CountAnnouncements, Revocation, Share},
    keys::Signer,
    password::{FindPassword, PasswordHash, PasswordRecord, UpgradeHash},
    session::{
        Alive, Change, FindLiveSessions, FindOtherSession, FindSession, KeepOneSession, LiveSession, OpenSessions,
        RefreshAttempt, RefreshRule, RemoveSessions, RevokeReason, RevokeSessions, RotateSessions, Rotation, Session,
    },
    user::{Email, FindUser, RaiseEpoch, User},
};
use claims::{Draft, Moment, SessionId, SignError, SignedToken, Timestamp, TokenId, TokenKind, UserId};
use doubles::Memory;

/// A store that cannot be reached. A use case that succeeds with it has not used it.
#[derive(Debug)]
pub(crate) struct Unreachable;

impl UpgradeHash for Unreachable {
    async fn upgrade(&self, _: &Email, _: &PasswordHash, _: &PasswordHash) -> Result<bool, StoreError> {
        Err(UNREACHABLE())
    }
}

impl CountAttempts for Unreachable {
    async fn count(&self, _: &Lane, _: &TokenId, _: Moment) -> Result<Admission, StoreError> {
        Err(UNREACHABLE())
    }

    async fn take_back(&self, _: &Lane, _: &TokenId) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }

    async fn clear(&self, _: &Lane) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }
}

impl CountSuccesses for Unreachable {
    async fn count_success(&self, _: &Success, _: Moment) -> Result<Admission, StoreError> {
        Err(UNREACHABLE())
    }
}

impl CountSources for Unreachable {
    async fn count_source(&self, _: &Pseudonym, _: u64, _: Moment) -> Result<Admission, StoreError> {
        Err(UNREACHABLE())
    }

    async fn excuse_source(&self, _: &Pseudonym, _: Moment) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }
}

/// A store whose credentials can be read, but whose users cannot.
#[derive(Debug)]
pub(crate) struct CredentialsOnly<'a>(pub(crate) &'a Memory);

/// A store that counts the attempts of sources, but not those of lanes.
#[derive(Debug)]
pub(crate) struct SourcesOnly<'a>(pub(crate) &'a Memory);

/// A store whose users can be read, but not written.
#[derive(Debug)]
pub(crate) struct ReadOnly<'a>(pub(crate) &'a Memory);

/// A store to which no session can be added.
#[derive(Debug)]
pub(crate) struct Full<'a>(pub(crate) &'a Memory);

/// A store in which reading the live sessions never completes.
#[derive(Debug)]
pub(crate) struct NeverFound<'a>(pub(crate) &'a Memory);

/// Keys that are present, but do not sign.
#[derive(Debug)]
pub(crate) struct Refusing;

pub(crate) const UNREACHABLE: fn() -> StoreError = || StoreError::Unavailable {
    operation: "test",
    cause: "unreachable".to_owned(),
};

impl CountAttempts for SourcesOnly<'_> {
    async fn count(&self, _: &Lane, _: &TokenId, _: Moment) -> Result<Admission, StoreError> {
        Err(UNREACHABLE())
    }

    async fn take_back(&self, _: &Lane, _: &TokenId) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }

    async fn clear(&self, _: &Lane) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }
}

impl CountSources for SourcesOnly<'_> {
    async fn count_source(&self, source: &Pseudonym, limit: u64, now: Moment) -> Result<Admission, StoreError> {
        self.0.count_source(source, limit, now).await
    }

    async fn excuse_source(&self, source: &Pseudonym, now: Moment) -> Result<(), StoreError> {
        self.0.excuse_source(source, now).await
    }
}

impl CountSuccesses for SourcesOnly<'_> {
    async fn count_success(&self, success: &Success, now: Moment) -> Result<Admission, StoreError> {
        self.0.count_success(success, now).await
    }
}

impl FindPassword for Unreachable {
    async fn password_record(&self, _: &Email) -> Result<Option<PasswordRecord>, StoreError> {
        Err(UNREACHABLE())
    }
}

impl FindUser for Unreachable {
    async fn user(&self, _: &UserId) -> Result<Option<User>, StoreError> {
        Err(UNREACHABLE())
    }
}

impl OpenSessions for Unreachable {
    async fn create(&self, _: &Session) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }
}

impl FindLiveSessions for Unreachable {
    async fn live(&self, _: Alive<'_>) -> Result<Vec<LiveSession>, StoreError> {
        Err(UNREACHABLE())
    }
}

impl OpenSessions for Full<'_> {
    async fn create(&self, _: &Session) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }
}

impl FindLiveSessions for Full<'_> {
    async fn live(&self, alive: Alive<'_>) -> Result<Vec<LiveSession>, StoreError> {
        self.0.live(alive).await
    }
}

impl RevokeSessions for Full<'_> {
    async fn revoke(
        &self,
        user_id: &UserId,
        sid: &SessionId,
        reason: RevokeReason,
        now: Timestamp,
    ) -> Result<Change, StoreError> {
        self.0.revoke(user_id, sid, reason, now).await
    }
}

impl OpenSessions for NeverFound<'_> {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        self.0.create(session).await
    }
}

impl FindLiveSessions for NeverFound<'_> {
    async fn live(&self, _: Alive<'_>) -> Result<Vec<LiveSession>, StoreError> {
        std::future::pending().await
    }
}

impl RevokeSessions for NeverFound<'_> {
    async fn revoke(&self, _: &UserId, _: &SessionId, _: RevokeReason, _: Timestamp) -> Result<Change, StoreError> {
        Err(UNREACHABLE())
    }
}

impl RotateSessions for Unreachable {
    async fn rotate(&self, _: &RefreshAttempt, _: &Rotation, _: &RefreshRule) -> Result<Change, StoreError> {
        Err(UNREACHABLE())
    }

    async fn recover(&self, _: &Session, _: Timestamp) -> Result<Change, StoreError> {
        Err(UNREACHABLE())
    }
}

impl CountAnnouncements for Unreachable {
    async fn count_announcement(&self, _: &UserId, _: Moment) -> Result<Share, StoreError> {
        Err(UNREACHABLE())
    }

    async fn uncount_announcement(&self, _: &UserId, _: Moment) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }

    async fn note_ended(&self, _: &UserId, _: Timestamp, _: Moment) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }
}

impl AnnounceRevocations for Unreachable {
    async fn announce(&self, _: &Revocation, _: Moment) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }
}

impl RevokeSessions for Unreachable {
    async fn revoke(&self, _: &UserId, _: &SessionId, _: RevokeReason, _: Timestamp) -> Result<Change, StoreError> {
        Err(UNREACHABLE())
    }
}

impl RemoveSessions for Unreachable {
    async fn remove_sessions(&self, _: &UserId) -> Result<(), StoreError> {
        Err(UNREACHABLE())
    }
}

impl FindSession for Unreachable {
    async fn session(&self, _: &UserId, _: &SessionId) -> Result<Option<Session>, StoreError> {
        Err(UNREACHABLE())
    }
}

impl FindOtherSession for Unreachable {
    async fn has_other(&self, _: &Session, _: Timestamp) -> Result<bool, StoreError> {
        Err(UNREACHABLE())
    }
}

impl RaiseEpoch for Unreachable {
    async fn raise(&self, _: &UserId, _: u64, _: Timestamp) -> Result<bool, StoreError> {
        Err(UNREACHABLE())
    }
}

impl KeepOneSession for Unreachable {
    async fn keep_only(&self, _: &Session, _: Timestamp) -> Result<bool, StoreError> {
        Err(UNREACHABLE())
    }
}

impl FindPassword for CredentialsOnly<'_> {
    async fn password_record(&self, email: &Email) -> Result<Option<PasswordRecord>, StoreError> {
        self.0.password_record(email).await
    }
}

impl FindUser for CredentialsOnly<'_> {
    async fn user(&self, _: &UserId) -> Result<Option<User>, StoreError> {
        Err(UNREACHABLE())
    }
}

impl<K: TokenKind> Signer<K> for Refusing {
    fn ready(&self, _: Timestamp) -> Result<(), SignError> {
        Ok(())
    }

    async fn sign(&self, _: &Draft<K>) -> Result<SignedToken<K>, SignError> {
        Err(SignError::Refused)
    }
}

impl UpgradeHash for CredentialsOnly<'_> {
    async fn upgrade(&self, _: &Email, _: &PasswordHash, _: &PasswordHash) -> Result<bool, StoreError> {
        Err(UNREACHABLE())
    }
}

impl FindPassword for ReadOnly<'_> {
    async fn password_record(&self, email: &Email) -> Result<Option<PasswordRecord>, StoreError> {
        self.0.password_record(email).await
    }
}

impl FindUser for ReadOnly<'_> {
    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.0.user(id).await
    }
}

impl UpgradeHash for ReadOnly<'_> {
    async fn upgrade(&self, _: &Email, _: &PasswordHash, _: &PasswordHash) -> Result<bool, StoreError> {
        Err(UNREACHABLE())
    }
}
