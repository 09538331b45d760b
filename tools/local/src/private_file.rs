//! Files that only their owner can read.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write as _},
    path::Path,
};

use anyhow::Context as _;
use store::open_private;

/// Returns the content of a file, or `None` if there is no such file.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Replaces the content of a file. Writes a new file and renames it, so that a process that ends meanwhile leaves either
/// the old or the new content.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || {
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let beside = Path::new(&name);
        let mut options = OpenOptions::new();
        let mut file = open_private(options.write(true).create(true).truncate(true), beside)?;
        file.write_all(text.as_bytes())?;
        std::fs::rename(beside, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Adds a line to a file.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn append(path: &Path, line: &str) -> anyhow::Result<()> {
    let write = || {
        let mut file = open_private(OpenOptions::new().append(true).create(true), path)?;
        writeln!(file, "{line}")
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_the_owner_can_read_a_file_however_it_is_written() {
        let folder = std::env::temp_dir().join(format!("gatehouse-private-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (replaced, appended) = (folder.join("replaced"), folder.join("appended"));

        let missing = read(&replaced).unwrap();
        replace(&replaced, "one").unwrap();
        replace(&replaced, "two").unwrap();
        append(&appended, "one").unwrap();
        append(&appended, "two").unwrap();

        let texts = [&replaced, &appended].map(|path| read(path).unwrap().unwrap());
        let modes = [&replaced, &appended].map(|path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777);
        let files = std::fs::read_dir(&folder).unwrap().count();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(missing, None);
        assert_eq!(texts, ["two", "one\ntwo\n"]);
        assert_eq!((modes, files), ([0o600, 0o600], 2));
    }
}
