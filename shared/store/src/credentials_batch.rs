//! Reading the credentials for many addresses, 100 per call.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use auth::{
    error::StoreError,
    password::{FindPasswords, PasswordRecord},
    user::Email,
};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde_dynamo::aws_sdk_dynamodb_1::from_item;

use crate::{
    CredentialsTable,
    credentials::EMAIL,
    credentials_item::CredentialsItem,
    fault::{malformed, unavailable},
};

const OPERATION: &str = "read credentials";
/// The maximum number of items that DynamoDB accepts in one call.
const BATCH: usize = 100;
/// The wait before unprocessed keys are sent again. It doubles after each call without progress.
const PAUSE: Duration = Duration::from_millis(50);
/// The maximum number of calls in a row that process nothing. The waits after these calls take about 3 seconds in all.
const MAX_PAUSES: u32 = 5;

type Key = HashMap<String, AttributeValue>;

impl FindPasswords for CredentialsTable {
    async fn password_records(&self, emails: &[&Email]) -> Result<Vec<Option<PasswordRecord>>, StoreError> {
        let mut found = HashMap::new();
        // DynamoDB refuses a batch with the same key twice.
        let distinct: BTreeSet<&str> = emails.iter().map(|email| email.normalised()).collect();
        let distinct: Vec<&str> = distinct.into_iter().collect();
        for batch in distinct.chunks(BATCH) {
            self.read_batch(batch, &mut found).await?;
        }
        let records = emails.iter().map(|email| found.get(email.normalised()).cloned());
        Ok(records.collect())
    }
}

impl CredentialsTable {
    /// Reads the credentials for these addresses into `found`. Asks again for those that DynamoDB did not read, until
    /// none is left.
    async fn read_batch(&self, batch: &[&str], found: &mut HashMap<String, PasswordRecord>) -> Result<(), StoreError> {
        let key = |email: &&str| Key::from([(EMAIL.to_owned(), AttributeValue::S((*email).to_owned()))]);
        let mut left: Vec<Key> = batch.iter().map(key).collect();
        let mut pauses = 0_u32;
        while !left.is_empty() {
            let asked = left.len();
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(left))
                .consistent_read(true)
                .build();
            let keys = keys.map_err(|_| malformed(OPERATION))?;
            let request = self.client.batch_get_item().request_items(&self.name, keys);
            let output = request.send().await.map_err(|error| unavailable(OPERATION, &error))?;
            for item in output.responses.unwrap_or_default().into_values().flatten() {
                let item: CredentialsItem = from_item(item).map_err(|_| malformed(OPERATION))?;
                found.insert(item.email().to_owned(), item.into());
            }
            let unprocessed = output.unprocessed_keys.unwrap_or_default();
            left = unprocessed.into_values().flat_map(|rest| rest.keys).collect();
            pauses = if left.len() < asked {
                0
            } else {
                pauses.saturating_add(1)
            };
            if pauses > MAX_PAUSES {
                return Err(StoreError::Unavailable {
                    operation: OPERATION,
                    cause: "DynamoDB processed nothing".to_owned(),
                });
            }
            if !left.is_empty() {
                tokio::time::sleep(PAUSE.saturating_mul(2_u32.saturating_pow(pauses))).await;
            }
        }
        Ok(())
    }
}
