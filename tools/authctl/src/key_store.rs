//! Where a key set is kept that an operator works on.

use anyhow::Context as _;
use auth::keys::{KeySetVersion, KeySetVersions as _, ReadSecret as _};
use claims::{Clock as _, KeySetDocument, Timestamp, TokenId};
use config::SystemClock;
use rand::Rng as _;
use store::{KeyFile, Secret};

use crate::clock::ServiceClock;

/// Where a key set is kept.
#[derive(Debug)]
pub(crate) enum KeyStore {
    /// In a file of the local stack.
    File(KeyFile),
    /// In a secret.
    Secret(Secret),
}

/// A key set as it was read.
pub(crate) struct Found {
    /// Its keys.
    pub(crate) document: KeySetDocument,
    /// Which version of the secret it is.
    version: Option<String>,
}

impl KeyStore {
    /// The key set as it is now.
    pub(crate) async fn read(&self) -> anyhow::Result<Found> {
        let (text, version) = match self {
            Self::File(file) => (file.read().await?, None),
            Self::Secret(secret) => {
                let KeySetVersion { id, text } = secret.current().await?;
                (text, Some(id))
            }
        };
        Ok(Found {
            document: KeySetDocument::from_json(&text)?,
            version,
        })
    }

    /// What time it is where the key set is kept: keys begin to sign by the clocks there, not by this computer's.
    pub(crate) async fn now(&self) -> anyhow::Result<Timestamp> {
        let now = match self {
            Self::File(_) => SystemClock.now(),
            Self::Secret(secret) => ServiceClock::new(secret.server_time().await?).now(),
        };
        Ok(now.timestamp())
    }

    /// Writes a key set in the place of the one that was found; not if another one has taken that place meanwhile.
    pub(crate) async fn replace(&self, found: &Found, document: &KeySetDocument) -> anyhow::Result<()> {
        let text = document.to_json();
        match (self, &found.version) {
            (Self::Secret(secret), Some(from)) => {
                let mut entropy = [0; 10];
                config::random().fill_bytes(&mut entropy);
                let id = TokenId::new(SystemClock.now(), entropy);
                // It also takes the place of a version that a rotation has made of the old one.
                secret.put_pending(id.as_str(), &text).await?;
                let promoted = secret.promote(id.as_str(), from).await;
                promoted.context("the key set was changed by someone else at the same time: run this again")
            }
            (Self::File(file), _) => Ok(file.replace(&text)?),
            (Self::Secret(_), None) => anyhow::bail!("the secret has no version"),
        }
    }
}
