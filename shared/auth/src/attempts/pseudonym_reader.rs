//! Reading the key of pseudonyms: once, since it never changes.

use tokio::sync::OnceCell;

use crate::{
    attempts::{InvalidPseudonymKey, PseudonymKey},
    error::StoreError,
    keys::ReadSecret,
};

/// Why there is no key of pseudonyms.
#[derive(Debug, thiserror::Error)]
pub enum PseudonymFault {
    /// The store did not do its part.
    #[error(transparent)]
    Unreadable(#[from] StoreError),
    /// What is there is no such key.
    #[error(transparent)]
    Invalid(#[from] InvalidPseudonymKey),
}

/// Has the key of pseudonyms from the first time on that it can be read.
#[derive(Debug)]
pub struct PseudonymReader<S> {
    source: S,
    key: OnceCell<PseudonymKey>,
}

impl<S: ReadSecret> PseudonymReader<S> {
    /// Reads the key. One that cannot be read is looked at again by the first request.
    ///
    /// # Errors
    /// When what is there is no such key: no request could be answered.
    pub async fn start(source: S) -> Result<Self, InvalidPseudonymKey> {
        let reader = Self {
            source,
            key: OnceCell::new(),
        };
        match reader.known().await {
            Err(PseudonymFault::Invalid(fault)) => Err(fault),
            Ok(_) | Err(PseudonymFault::Unreadable(_)) => Ok(reader),
        }
    }

    /// The key.
    ///
    /// # Errors
    /// When it was never read and cannot be read now, or is no such key.
    pub async fn known(&self) -> Result<&PseudonymKey, PseudonymFault> {
        self.key
            .get_or_try_init(async || Ok(PseudonymKey::parse(&self.source.read().await?)?))
            .await
    }
}
