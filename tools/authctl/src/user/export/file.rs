//! The file of an export. It appears under its name only when it is complete.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use store::open_private;

/// A file that is being written under another name, beside its place. It is removed if it is dropped.
#[derive(Debug)]
pub(super) struct PendingFile<'a> {
    place: &'a Path,
    part: PathBuf,
}

impl<'a> PendingFile<'a> {
    /// Creates the file, readable only by its owner, and opens it for writing.
    ///
    /// # Errors
    /// If there is a file at `place` already, or none can be created there.
    pub(super) fn create(place: &'a Path) -> anyhow::Result<(Self, File)> {
        if place.symlink_metadata().is_ok() {
            bail!(
                "cannot write {}: File exists: choose another name, or remove it first",
                place.display()
            );
        }
        let name = place
            .file_name()
            .with_context(|| format!("{} is not a file", place.display()))?;
        let part = place.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
        let created = open_private(OpenOptions::new().write(true).create_new(true), &part);
        let file = created.with_context(|| format!("cannot write {}", place.display()))?;
        Ok((Self { place, part }, file))
    }

    /// Gives the file its name. What is written reaches the disk before that.
    ///
    /// # Errors
    /// If the disk is full or fails, or another process has created a file at the place meanwhile.
    pub(super) fn complete(self, file: &File) -> anyhow::Result<()> {
        let done = file.sync_all().and_then(|()| self.appear());
        done.with_context(|| format!("cannot write {}", self.place.display()))
    }

    /// A link never replaces a file, and a rename does.
    fn appear(&self) -> io::Result<()> {
        match fs::hard_link(&self.part, self.place) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => fs::rename(&self.part, self.place),
            linked => linked,
        }
    }
}

impl Drop for PendingFile<'_> {
    fn drop(&mut self) {
        // After a rename, there is nothing to remove.
        drop(fs::remove_file(&self.part));
    }
}
