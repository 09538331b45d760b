//! Where a function reads a key set, or another secret: in the place that its environment names.

use auth::{
    attempts::PseudonymReader,
    error::StoreError,
    keys::{EdgeKeyReader, KeyReader, Keyring, ReadSecret, RefreshKeys},
};
use claims::{Issuer, KeySet, Millis, Seconds, TokenKind};
use config::{ConfigError, KeyLocation, KeyPlace};
use zeroize::Zeroizing;

use crate::{Aws, KeyFile, Secret};

/// A key set in the place that the environment names.
#[derive(Debug)]
pub enum KeySource {
    /// In the environment itself.
    Text(Zeroizing<String>),
    /// In a file.
    File(KeyFile),
    /// In a secret.
    Secret(Secret),
}

impl KeySource {
    /// The key set at this place.
    #[must_use]
    pub fn new(location: &KeyLocation, aws: &Aws) -> Self {
        match &location.place {
            KeyPlace::Text(text) => Self::Text(text.clone()),
            KeyPlace::File(path) => Self::File(KeyFile::new(path.clone())),
            KeyPlace::Secret(name) => Self::Secret(Secret::new(aws.secrets_manager(), name.clone())),
        }
    }
}

/// Follows the key set at this place, from what it is at `now` on.
///
/// # Errors
/// When what is there is no key set.
pub async fn follow<K: TokenKind, T>(
    location: KeyLocation,
    aws: &Aws,
    now: Millis,
    make: impl Fn(KeySet<K>) -> T + Send + Sync + 'static,
) -> Result<KeyReader<KeySource, K, T>, ConfigError> {
    let source = KeySource::new(&location, aws);
    let reader = KeyReader::start(source, now, make).await;
    reader.map_err(|fault| location.fault(&fault))
}

/// Follows both key sets of this issuer, as [`follow`] does.
///
/// # Errors
/// When one of them is no key set.
pub async fn keyring(
    access: KeyLocation,
    refresh: KeyLocation,
    issuer: Issuer,
    aws: &Aws,
    now: Millis,
) -> Result<Keyring<KeySource>, ConfigError> {
    let (access, refresh) = tokio::try_join!(
        follow(access, aws, now, |set| set),
        follow(refresh, aws, now, move |set| RefreshKeys::new(set, &issuer)),
    )?;
    Ok(Keyring::new(access, refresh))
}

/// Reads the key of pseudonyms at this place.
///
/// # Errors
/// When what is there is no such key.
pub async fn pseudonyms(location: KeyLocation, aws: &Aws) -> Result<PseudonymReader<KeySource>, ConfigError> {
    let reader = PseudonymReader::start(KeySource::new(&location, aws)).await;
    reader.map_err(|fault| location.fault(&fault))
}

/// Follows the keys of the proxy at this place, from what they are at `now` on.
///
/// # Errors
/// When what is there are no such keys.
pub async fn edge_keys(location: KeyLocation, aws: &Aws, now: Millis) -> Result<EdgeKeyReader<KeySource>, ConfigError> {
    let reader = EdgeKeyReader::start(KeySource::new(&location, aws), now).await;
    reader.map_err(|fault| location.fault(&fault))
}

impl ReadSecret for KeySource {
    fn poll(&self) -> Seconds {
        match self {
            // It is there already.
            Self::Text(_) => Seconds::new(0),
            Self::File(file) => file.poll(),
            Self::Secret(secret) => secret.poll(),
        }
    }

    async fn read(&self) -> Result<Zeroizing<String>, StoreError> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File(file) => file.read().await,
            Self::Secret(secret) => secret.read().await,
        }
    }
}
