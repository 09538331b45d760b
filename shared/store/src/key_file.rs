//! A key set in a file that only its owner can read, on a local machine.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use auth::{
    error::StoreError,
    keys::{KeySetVersion, ReadKeySet, ReadSecret, ReplaceError, ReplaceKeySet},
};
use claims::Span;
use zeroize::Zeroizing;

use crate::private_file::open_private;

/// The id of a file's only version.
const ONLY: &str = "only";

/// A key set in a file.
#[derive(Clone, Debug)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// Returns the key set in the file at this path.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the content of the file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn replace(&self, text: &str) -> Result<(), StoreError> {
        self.write(text).map_err(|error| file_error("write key file", &error))
    }

    /// Writes a new file and renames it, so that a reader finds either the old or the new content.
    fn write(&self, text: &str) -> io::Result<()> {
        let beside = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        let mut file = open_private(options.write(true).create(true).truncate(true), &beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, &self.path)
    }
}

impl ReadSecret for KeyFile {
    /// Returns zero, so that the file is read again for each request. Reading it costs next to nothing.
    fn poll(&self) -> Span {
        Span::seconds(0)
    }

    async fn read(&self) -> Result<Zeroizing<String>, StoreError> {
        let text = std::fs::read_to_string(&self.path);
        text.map(Zeroizing::new)
            .map_err(|error| file_error("read key file", &error))
    }
}

impl ReadKeySet for KeyFile {
    async fn current(&self) -> Result<KeySetVersion, StoreError> {
        Ok(KeySetVersion {
            id: ONLY.to_owned(),
            text: self.read().await?,
        })
    }
}

impl ReplaceKeySet for KeyFile {
    /// Compares the text, because a file has only one version, and then writes the new text. A change between these two
    /// steps is lost. A local stack has only one developer, so this is acceptable.
    async fn replace_version(&self, from: &KeySetVersion, next: &KeySetVersion) -> Result<(), ReplaceError> {
        if self.read().await? != from.text {
            return Err(ReplaceError::Overtaken(StoreError::Unavailable {
                operation: "write key file",
                cause: "the file has changed".to_owned(),
            }));
        }
        Ok(self.replace(&next.text)?)
    }
}

fn file_error(operation: &'static str, error: &io::Error) -> StoreError {
    StoreError::Unavailable {
        operation,
        cause: error.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_changed_since_it_was_read_is_not_replaced() {
        let path = std::env::temp_dir().join(format!("key-file-{}.json", std::process::id()));
        let file = KeyFile::new(path);
        file.replace("one").unwrap();
        let read = file.current().await.unwrap();

        file.replace_version(&read, &version("two")).await.unwrap();
        let late = file.replace_version(&read, &version("three")).await;

        let text = file.read().await.unwrap();
        std::fs::remove_file(file.path()).unwrap();
        assert!(matches!(late, Err(ReplaceError::Overtaken(_))), "{late:?}");
        assert_eq!(*text, "two");
    }

    fn version(text: &str) -> KeySetVersion {
        KeySetVersion {
            id: String::new(),
            text: text.to_owned().into(),
        }
    }
}
