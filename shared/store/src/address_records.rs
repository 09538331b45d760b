//! What is stored about an address besides the account: counts of attempts, and requests for mail.

use auth::{
    attempts::{Lane, Pseudonym},
    deletion::ForgetAddress,
    error::StoreError,
};
use claims::UserId;

use crate::{Attempts, MailTable, fault::unavailable};

/// The table of attempts, and that of requested mails if the deployment sends mail.
#[derive(Clone, Debug)]
pub struct AddressRecords {
    attempts: Attempts,
    outbox: Option<MailTable>,
}

impl AddressRecords {
    /// Combines the table of attempts with the table of requested mails, if there is one.
    #[must_use]
    pub const fn new(attempts: Attempts, outbox: Option<MailTable>) -> Self {
        Self { attempts, outbox }
    }
}

impl ForgetAddress for AddressRecords {
    async fn forget(&self, address: &Pseudonym, user_id: &UserId) -> Result<(), StoreError> {
        let counts = Lane::records_of(address, user_id).map(|record| self.attempts.delete(&record));
        let mail = self.outbox.iter().map(|outbox| outbox.delete_address(address));
        for delete in counts.into_iter().chain(mail) {
            let deleted = delete.send().await;
            deleted.map_err(|error| unavailable("forget address", &error))?;
        }
        Ok(())
    }
}
