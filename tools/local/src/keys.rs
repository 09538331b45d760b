//! The keys of a local stack, in files that only their owner can read.

use std::path::{Path, PathBuf};

use store::KeyFile;

/// The folder with all keys.
#[derive(Clone, Debug)]
pub struct KeyFolder(PathBuf);

impl KeyFolder {
    /// Returns the key folder at this path.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Returns the path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the file of the access token keys.
    #[must_use]
    pub fn access(&self) -> KeyFile {
        KeyFile::new(self.0.join("access-keys.json"))
    }

    /// Returns the file of the refresh token keys.
    #[must_use]
    pub fn refresh(&self) -> KeyFile {
        KeyFile::new(self.0.join("refresh-keys.json"))
    }

    /// Returns the file of the pseudonym key.
    #[must_use]
    pub fn pseudonym(&self) -> KeyFile {
        KeyFile::new(self.0.join("pseudonym-key.txt"))
    }

    /// Returns the file of the key that seals the addresses of requested mails.
    #[must_use]
    pub fn mail(&self) -> KeyFile {
        KeyFile::new(self.0.join("mail-key.json"))
    }

    /// Returns the file of the key that seals the seeds of second factors.
    #[must_use]
    pub fn factors(&self) -> KeyFile {
        KeyFile::new(self.0.join("factor-key.json"))
    }
}
