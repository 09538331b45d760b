//! Files that only their owner can read.

use std::{fs::OpenOptions, io, path::Path};

#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt as _;

/// Opens a file with these options. If it is a new file, only its owner can read it. On Windows, it has the permissions
/// of its folder.
///
/// # Errors
/// If the file cannot be opened.
pub fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<std::fs::File> {
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path)
}
