//! A key set in a file that only its owner can read, on a local machine.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use auth::{error::StoreError, keys::ReadSecret};
use claims::Seconds;
use zeroize::Zeroizing;

/// A key set in a file.
#[derive(Clone, Debug)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The file at this path.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The path.
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
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, &self.path)
    }
}

impl ReadSecret for KeyFile {
    /// The file is read at each request, since that costs nothing.
    fn poll(&self) -> Seconds {
        Seconds::new(0)
    }

    async fn read(&self) -> Result<Zeroizing<String>, StoreError> {
        let text = std::fs::read_to_string(&self.path);
        text.map(Zeroizing::new)
            .map_err(|error| file_error("read key file", &error))
    }
}

fn file_error(operation: &'static str, error: &io::Error) -> StoreError {
    StoreError::Unavailable {
        operation,
        cause: error.kind().to_string(),
    }
}
