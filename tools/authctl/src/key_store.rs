//! The file or secret of a key set.

use anyhow::Context as _;
use auth::keys::{KeySetVersion, KeySetVersions as _, ReadSecret as _};
use claims::{Clock as _, KeySetDocument, Timestamp, TokenId};
use config::SystemClock;
use rand::Rng as _;
use store::{KeyFile, Secret};

use crate::clock::ServiceClock;

/// The place of a key set.
#[derive(Debug)]
pub(crate) enum KeyStore {
    /// A file of the local stack.
    File(KeyFile),
    /// A secret in Secrets Manager.
    Secret(Secret),
}

/// A key set with its version.
pub(crate) struct Found {
    /// The keys.
    pub(crate) document: KeySetDocument,
    /// The version of the secret.
    version: Option<String>,
}

impl KeyStore {
    /// Reads the current key set.
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

    /// Returns the time at the place of the key set. Keys start to sign by its clock, not by this computer's.
    pub(crate) async fn now(&self) -> anyhow::Result<Timestamp> {
        let now = match self {
            Self::File(_) => SystemClock.now(),
            Self::Secret(secret) => ServiceClock::new(secret.server_time().await?).now(),
        };
        Ok(now.timestamp())
    }

    /// Replaces the key set that was found, and fails if it has changed meanwhile.
    pub(crate) async fn replace(&self, found: &Found, document: &KeySetDocument) -> anyhow::Result<()> {
        let text = document.to_json();
        match (self, &found.version) {
            (Self::Secret(secret), Some(from)) => {
                let mut entropy = [0; 10];
                config::random().fill_bytes(&mut entropy);
                let id = TokenId::new(SystemClock.now(), entropy);
                // This also replaces a pending version that a rotation made from the old one.
                secret.put_pending(id.as_str(), &text).await?;
                let promoted = secret.promote(id.as_str(), from).await;
                promoted.context("someone else changed the key set at the same time: run this again")
            }
            (Self::File(file), _) => Ok(file.replace(&text)?),
            (Self::Secret(_), None) => anyhow::bail!("the secret has no version"),
        }
    }
}
