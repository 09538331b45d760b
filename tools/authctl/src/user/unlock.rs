//! `authctl user unlock` forgets the failed attempts at an account.

use auth::{
    attempts::{LaneKind, Pseudonym},
    error::StoreError,
    user::Email,
};
use claims::UserId;
use store::Attempts;

use crate::{arguments::Target, outbox::pseudonym_key, target, user::arguments::Unlocking};

/// The attempts at an account.
#[derive(Debug)]
pub(super) struct Lock {
    address: Pseudonym,
    attempts: Attempts,
}

impl Lock {
    /// Finds the attempts at the account with this address.
    ///
    /// # Errors
    /// If the table or the pseudonym key has no name, or the key cannot be read.
    pub(super) async fn find(email: &Email, target: &Target) -> anyhow::Result<Self> {
        let attempts = target::attempts(target).await?;
        let address = pseudonym_key(target).await?.hash_address(email);
        Ok(Self { address, attempts })
    }

    /// Forgets the failed attempts.
    ///
    /// # Errors
    /// If the store fails.
    pub(super) async fn open(&self, user_id: &UserId, unlocking: Unlocking) -> Result<(), StoreError> {
        let kinds = match unlocking {
            Unlocking::Logins => &LaneKind::WITHOUT_SECOND_FACTOR[..],
            Unlocking::Everything => &LaneKind::ALL[..],
        };
        auth::attempts::unlock(&self.address, user_id, kinds, &self.attempts).await
    }
}
