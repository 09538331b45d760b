//! The source of a key set or another secret, as configured by the environment.

use auth::{
    attempts::PseudonymReader,
    error::StoreError,
    factor::{self, FactorKeys},
    following::Followed,
    keys::{self, EdgeKeys, Keyring, LinkKeys, ReadSecret, RefreshKeys},
    mail::{self, MailKeys, ProofKeyring},
};
use claims::{Issuer, KeySet, Moment, Span, TokenKind};
use config::{ConfigError, KeyLocation, KeyPlace};
use zeroize::Zeroizing;

use crate::{Aws, KeyFile, Secret};

/// A key set or another secret at the configured place.
#[derive(Debug)]
pub enum KeySource {
    /// The value of the environment variable itself.
    Text(Zeroizing<String>),
    /// A file.
    File(KeyFile),
    /// A secret in Secrets Manager.
    Secret(Secret),
}

impl KeySource {
    /// Returns the source of the secret at this place.
    #[must_use]
    pub fn new(location: &KeyLocation, aws: &Aws) -> Self {
        match &location.place {
            KeyPlace::Text(text) => Self::Text(text.clone()),
            KeyPlace::File(path) => Self::File(KeyFile::new(path.clone())),
            KeyPlace::Secret(name) => Self::Secret(Secret::new(aws.secrets_manager(), name.clone())),
        }
    }
}

/// A secret that is followed at the configured place, with the value that is made from it.
pub type FollowedSecret<T> = Followed<keys::Secret<KeySource>, T>;

/// The key sets of access and refresh tokens, which are followed at the configured places.
pub type FollowedKeyring = Keyring<keys::Secret<KeySource>>;

/// The secrets with which links and codes are made and checked, which are followed at the configured places.
pub type FollowedProofKeys = ProofKeyring<KeySource>;

/// Follows the key set at this place, and reads it for the first time at `now`. `make` makes the followed value from
/// each new key set. If the first read fails, the first request reads again.
///
/// # Errors
/// If the key set at this place is invalid.
pub async fn follow_key_set<K: TokenKind, T>(
    location: KeyLocation,
    aws: &Aws,
    now: Moment,
    make: impl Fn(KeySet<K>) -> T + Send + Sync + 'static,
) -> Result<FollowedSecret<T>, ConfigError> {
    let source = KeySource::new(&location, aws);
    let reader = keys::follow_key_set(source, now, make).await;
    reader.map_err(|fault| location.fault(&fault))
}

/// Follows both key sets of the issuer, as [`follow_key_set`] does.
///
/// # Errors
/// If one of the key sets is invalid.
pub async fn follow_keyring(
    access: KeyLocation,
    refresh: KeyLocation,
    issuer: Issuer,
    aws: &Aws,
    now: Moment,
) -> Result<FollowedKeyring, ConfigError> {
    let (access, refresh) = tokio::try_join!(
        follow_key_set(access, aws, now, |set| set),
        follow_key_set(refresh, aws, now, move |set| RefreshKeys::new(set, &issuer)),
    )?;
    Ok(Keyring::new(access, refresh))
}

/// Reads the pseudonym key at this place. If the read fails, the first request reads again.
///
/// # Errors
/// If the key at this place is invalid.
pub async fn read_pseudonym_key(location: KeyLocation, aws: &Aws) -> Result<PseudonymReader<KeySource>, ConfigError> {
    let reader = PseudonymReader::start(KeySource::new(&location, aws)).await;
    reader.map_err(|fault| location.fault(&fault))
}

/// Follows the proxy's keys at this place, and reads them for the first time at `now`. If the first read fails, the
/// first request reads again.
///
/// # Errors
/// If the keys at this place are invalid.
pub async fn follow_edge_keys(
    location: KeyLocation,
    aws: &Aws,
    now: Moment,
) -> Result<FollowedSecret<EdgeKeys>, ConfigError> {
    let reader = keys::follow_edge_keys(KeySource::new(&location, aws), now).await;
    reader.map_err(|fault| location.fault(&fault))
}

/// Follows the keys that seal the addresses of requested mails at this place, and reads them for the first time at
/// `now`. If the first read fails, the first request reads again.
///
/// # Errors
/// If the keys at this place are invalid.
pub async fn follow_mail_keys(
    location: KeyLocation,
    aws: &Aws,
    now: Moment,
) -> Result<FollowedSecret<MailKeys>, ConfigError> {
    let reader = mail::follow_mail_keys(KeySource::new(&location, aws), now).await;
    reader.map_err(|fault| location.fault(&fault))
}

/// Follows the secret with the keys that seal the seeds of second factors. It is read for the first time at `now`. If the
/// first read fails, the first request reads again.
///
/// # Errors
/// If the keys at this place are invalid.
pub async fn follow_factor_keys(
    location: KeyLocation,
    aws: &Aws,
    now: Moment,
) -> Result<FollowedSecret<FactorKeys>, ConfigError> {
    let reader = factor::follow_factor_keys(KeySource::new(&location, aws), now).await;
    reader.map_err(|fault| location.fault(&fault))
}

/// Follows the secrets with which links and codes are made and checked: the mail keys, the key set of refresh tokens,
/// which signs links, and the pseudonym key. They are read for the first time at `now`. If a first read fails, the first
/// request reads again.
///
/// # Errors
/// If one of the secrets is invalid.
pub async fn follow_proof_keys(
    mail: KeyLocation,
    refresh: KeyLocation,
    pseudonym: KeyLocation,
    issuer: Issuer,
    aws: &Aws,
    now: Moment,
) -> Result<FollowedProofKeys, ConfigError> {
    let (mail, links, pseudonyms) = tokio::try_join!(
        Box::pin(follow_mail_keys(mail, aws, now)),
        Box::pin(follow_key_set(refresh, aws, now, move |set| LinkKeys::new(
            set, &issuer
        ))),
        Box::pin(read_pseudonym_key(pseudonym, aws)),
    )?;
    Ok(ProofKeyring::new(mail, links, pseudonyms))
}

impl ReadSecret for KeySource {
    fn poll(&self) -> Span {
        match self {
            // The value is already in memory.
            Self::Text(_) => Span::seconds(0),
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
