//! The ports to the store of passwords.

use std::future::Future;

use claims::{Span, Timestamp, UserId};

use crate::{error::StoreError, password::PasswordHash, user::Email};

/// The credentials of a user: the hash of the password, and when the password was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordRecord {
    /// The user.
    pub user_id: UserId,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// When the password was set. It grows with each change: see [`PasswordRecord::next_change`].
    pub password_changed_at: Timestamp,
}

impl PasswordRecord {
    /// Returns the time to record for a change of this password at `now`. It is later than that of every change before,
    /// even within one second or by a clock that is behind, because links, codes and device tokens are bound to it.
    #[must_use]
    pub fn next_change(&self, now: Timestamp) -> Timestamp {
        now.max(self.password_changed_at.plus(Span::seconds(1)))
    }
}

/// Finds the credentials for an address.
///
/// Law: credentials that were added under an address are found under every address with the same normal form.
pub trait FindPassword: Sync {
    /// Returns the credentials for this address, read consistently, or `None` if there are none.
    fn password_record(&self, email: &Email)
    -> impl Future<Output = Result<Option<PasswordRecord>, StoreError>> + Send;
}

/// Finds the credentials for many addresses. An import and an export need this.
///
/// Law: the result for each address is that of [`FindPassword`].
pub trait FindPasswords: FindPassword {
    /// Returns the credentials for each address, in the order of the addresses, read consistently.
    fn password_records(
        &self,
        emails: &[&Email],
    ) -> impl Future<Output = Result<Vec<Option<PasswordRecord>>, StoreError>> + Send {
        async move {
            let mut found = Vec::with_capacity(emails.len());
            for email in emails {
                found.push(self.password_record(email).await?);
            }
            Ok(found)
        }
    }
}

/// Replaces a password hash with a stronger hash of the same password. A login needs this.
///
/// Law: the hash is replaced only if it is still the one that was read, so that a password that was changed in the
/// meantime is never overwritten.
pub trait UpgradeHash: Sync {
    /// Writes `new` if `old` is still the hash under this address. Returns whether `new` was written.
    fn upgrade(
        &self,
        email: &Email,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
