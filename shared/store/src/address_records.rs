//! What is stored about an address and its user besides the account: counts of attempts, second factors, and requests for
//! mail.

use auth::{
    attempts::{Lane, Pseudonym},
    deletion::ForgetAddress,
    error::StoreError,
    factor::RemoveFactors as _,
};
use claims::UserId;

use crate::{Attempts, FactorTable, MailTable, fault::unavailable};

/// The tables of attempts and of second factors, and that of requested mails if the deployment sends mail.
#[derive(Clone, Debug)]
pub struct AddressRecords {
    attempts: Attempts,
    factors: FactorTable,
    outbox: Option<MailTable>,
}

impl AddressRecords {
    /// Combines the tables of attempts and of second factors with the table of requested mails, if there is one.
    #[must_use]
    pub const fn new(attempts: Attempts, factors: FactorTable, outbox: Option<MailTable>) -> Self {
        Self {
            attempts,
            factors,
            outbox,
        }
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
        self.factors.remove_factors(user_id).await
    }
}
