//! The keys of a local stack: files that only their owner reads.

use std::path::{Path, PathBuf};

use store::KeyFile;

/// The folder of all keys.
#[derive(Clone, Debug)]
pub struct KeyFolder(PathBuf);

impl KeyFolder {
    /// The folder at this path.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The keys of access tokens.
    #[must_use]
    pub fn access(&self) -> KeyFile {
        KeyFile::new(self.0.join("access-keys.json"))
    }

    /// The keys of refresh tokens.
    #[must_use]
    pub fn refresh(&self) -> KeyFile {
        KeyFile::new(self.0.join("refresh-keys.json"))
    }

    /// The key of pseudonyms.
    #[must_use]
    pub fn pseudonym(&self) -> KeyFile {
        KeyFile::new(self.0.join("pseudonym-key.txt"))
    }
}
