//! Stores in which somebody else changes something between two calls.

use std::sync::atomic::{AtomicUsize, Ordering};

use auth::{
    accounts::ReplacePassword as _,
    error::StoreError,
    password::{FindPassword, PasswordHash, PasswordRecord, UpgradeHash},
    session::{KeepOneSession as _, Session},
    user::{Email, FindUser, User},
};
use claims::UserId;
use doubles::Memory;

use crate::{doubles::UNREACHABLE, world::NOW};

/// A store in which a user gets this hash after their old hash was read and before the old hash is upgraded.
#[derive(Debug)]
pub(crate) struct ChangedMeanwhile<'a>(pub(crate) &'a Memory, pub(crate) PasswordHash);

/// A store in which a user gets these credentials and a later epoch after the old credentials were read and before the
/// user is read.
#[derive(Debug)]
pub(crate) struct ChangedWhileRead<'a>(pub(crate) &'a Memory, pub(crate) Email, pub(crate) PasswordRecord);

/// A store in which a user logs out of all sessions but `kept`, just after the user is first read.
#[derive(Debug)]
pub(crate) struct KeptMeanwhile<'a> {
    store: &'a Memory,
    kept: Session,
    reads: AtomicUsize,
}

impl<'a> KeptMeanwhile<'a> {
    pub(crate) const fn new(store: &'a Memory, kept: Session) -> Self {
        Self {
            store,
            kept,
            reads: AtomicUsize::new(0),
        }
    }

    /// Returns how often the user was read.
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }
}

impl FindUser for KeptMeanwhile<'_> {
    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        let user = self.store.user(id).await;
        if self.reads.fetch_add(1, Ordering::Relaxed) == 0 {
            assert!(self.store.keep_only(&self.kept, NOW.timestamp()).await?);
        }
        user
    }
}

impl FindPassword for ChangedMeanwhile<'_> {
    async fn password_record(&self, email: &Email) -> Result<Option<PasswordRecord>, StoreError> {
        self.0.password_record(email).await
    }
}

impl FindUser for ChangedMeanwhile<'_> {
    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.0.user(id).await
    }
}

impl UpgradeHash for ChangedMeanwhile<'_> {
    async fn upgrade(&self, email: &Email, old: &PasswordHash, new: &PasswordHash) -> Result<bool, StoreError> {
        assert!(self.0.upgrade(email, old, &self.1).await?);
        self.0.upgrade(email, old, new).await
    }
}

impl FindPassword for ChangedWhileRead<'_> {
    async fn password_record(&self, email: &Email) -> Result<Option<PasswordRecord>, StoreError> {
        self.0.password_record(email).await
    }
}

impl FindUser for ChangedWhileRead<'_> {
    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        assert!(self.0.replace_password(&self.1, &self.2).await?);
        self.0.user(id).await
    }
}

impl UpgradeHash for ChangedWhileRead<'_> {
    async fn upgrade(&self, _: &Email, _: &PasswordHash, _: &PasswordHash) -> Result<bool, StoreError> {
        Err(UNREACHABLE())
    }
}
