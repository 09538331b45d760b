//! The store of a key set or another key: a file or a secret.

use auth::{
    error::StoreError,
    keys::{KeySetVersion, ReadKeySet, ReplaceError, ReplaceKeySet},
};
use claims::{Clock as _, KeySetDocument, Moment};
use config::SystemClock;
use store::{KeyFile, Secret};

use crate::clock::ServiceClock;

/// The file or secret that holds a key set or another key.
#[derive(Debug)]
pub(crate) enum KeyStore {
    /// A file of the local stack.
    File(KeyFile),
    /// A secret in Secrets Manager.
    Secret(Secret),
}

impl KeyStore {
    /// Reads the current key set.
    pub(crate) async fn read(&self) -> anyhow::Result<KeySetDocument> {
        Ok(KeySetDocument::from_json(&self.current().await?.text)?)
    }

    /// Returns the time by the clock of the store that holds the key set: this computer's for a file, Secrets Manager's
    /// for a secret. The schedule of the keys follows that clock.
    pub(crate) async fn now(&self) -> anyhow::Result<Moment> {
        Ok(match self {
            Self::File(_) => SystemClock.now(),
            Self::Secret(secret) => ServiceClock::new(secret.server_time().await?).now(),
        })
    }
}

impl ReadKeySet for KeyStore {
    async fn current(&self) -> Result<KeySetVersion, StoreError> {
        match self {
            Self::File(file) => file.current().await,
            Self::Secret(secret) => secret.current().await,
        }
    }
}

impl ReplaceKeySet for KeyStore {
    async fn replace_version(&self, from: &KeySetVersion, next: &KeySetVersion) -> Result<(), ReplaceError> {
        match self {
            Self::File(file) => file.replace_version(from, next).await,
            Self::Secret(secret) => secret.replace_version(from, next).await,
        }
    }
}
