//! A key set with its versions in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use auth::{
    error::StoreError,
    keys::{KeySetVersion, KeySetVersions, ReadKeySet},
};
use claims::KeySetDocument;
use zeroize::Zeroizing;

/// A secret in memory that holds a key set. The set starts without keys, as in a new deployment.
#[derive(Debug)]
pub struct MemorySecret(Mutex<Versions>);

#[derive(Debug)]
struct Versions {
    current: Version,
    pending: Option<Version>,
}

#[derive(Clone, Debug)]
struct Version {
    id: String,
    text: String,
}

impl MemorySecret {
    /// Returns the text of the current version.
    #[must_use]
    pub fn text(&self) -> String {
        self.versions().current.text.clone()
    }

    fn versions(&self) -> MutexGuard<'_, Versions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemorySecret {
    fn default() -> Self {
        let current = Version {
            id: "first".to_owned(),
            text: KeySetDocument::default().to_json().to_string(),
        };
        Self(Mutex::new(Versions { current, pending: None }))
    }
}

impl ReadKeySet for MemorySecret {
    async fn current(&self) -> Result<KeySetVersion, StoreError> {
        let Version { id, text } = self.versions().current.clone();
        Ok(KeySetVersion { id, text: text.into() })
    }
}

impl KeySetVersions for MemorySecret {
    async fn pending(&self, id: &str) -> Result<Option<Zeroizing<String>>, StoreError> {
        let pending = self.versions().pending.clone();
        Ok(pending
            .filter(|pending| pending.id == id)
            .map(|pending| pending.text.into()))
    }

    async fn put_pending(&self, id: &str, text: &str) -> Result<(), StoreError> {
        let pending = &mut self.versions().pending;
        if pending.as_ref().is_none_or(|pending| pending.id != id) {
            *pending = Some(Version {
                id: id.to_owned(),
                text: text.to_owned(),
            });
        }
        Ok(())
    }

    async fn promote(&self, id: &str, from: &str) -> Result<(), StoreError> {
        let mut versions = self.versions();
        let is_current = versions.current.id == from;
        let next = versions.pending.take_if(|pending| is_current && pending.id == id);
        versions.current = next.ok_or_else(|| StoreError::Unavailable {
            operation: "promote key set",
            cause: "not current".to_owned(),
        })?;
        Ok(())
    }

    async fn discard(&self, id: &str) -> Result<(), StoreError> {
        self.versions().pending.take_if(|pending| pending.id == id);
        Ok(())
    }
}
