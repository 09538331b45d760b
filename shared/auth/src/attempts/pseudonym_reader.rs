//! Reading the pseudonym key once, since it never changes.

use tokio::sync::OnceCell;

use crate::{
    attempts::{InvalidPseudonymKey, PseudonymKey},
    error::StoreError,
    keys::ReadSecret,
};

/// Why there is no pseudonym key.
#[derive(Debug, thiserror::Error)]
pub enum PseudonymError {
    /// The store failed.
    #[error(transparent)]
    Unreadable(#[from] StoreError),
    /// The secret is not a valid key.
    #[error(transparent)]
    Invalid(#[from] InvalidPseudonymKey),
}

/// Reads the pseudonym key and keeps it.
#[derive(Debug)]
pub struct PseudonymReader<S> {
    source: S,
    key: OnceCell<PseudonymKey>,
}

impl<S: ReadSecret> PseudonymReader<S> {
    /// Reads the key for the first time. If the secret cannot be read, the first request tries again.
    ///
    /// # Errors
    /// If the secret is not a valid key, because no request could be answered with it.
    pub async fn start(source: S) -> Result<Self, InvalidPseudonymKey> {
        let reader = Self {
            source,
            key: OnceCell::new(),
        };
        match reader.key().await {
            Err(PseudonymError::Invalid(fault)) => Err(fault),
            Ok(_) | Err(PseudonymError::Unreadable(_)) => Ok(reader),
        }
    }

    /// Returns the key. If the key has not been read yet, it is read first.
    ///
    /// # Errors
    /// If the key has never been read and cannot be read now, or is invalid.
    pub async fn key(&self) -> Result<&PseudonymKey, PseudonymError> {
        self.key
            .get_or_try_init(async || Ok(PseudonymKey::parse(&self.source.read().await?)?))
            .await
    }
}
