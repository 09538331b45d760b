//! `authctl key`: the keys of a new deployment, as files.

use std::{fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use anyhow::Context as _;
use claims::{Access, Clock as _, KeySet};
use config::SystemClock;

use crate::{arguments::KeyCommand, output};

/// Runs a command about keys.
pub(crate) fn run(command: KeyCommand) -> anyhow::Result<()> {
    let KeyCommand::New { folder } = command;
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let rng = &mut config::random();
    let now = SystemClock.now().timestamp();
    let access = keygen::access_key_set(now, rng)?;
    let jwks = KeySet::<Access>::from_json(&access)?.jwks();
    write(&folder.join("access-keys.json"), &access)?;
    write(&folder.join("refresh-keys.json"), &keygen::refresh_key_set(now, rng))?;
    write(&folder.join("jwks.json"), &serde_json::to_string(&jwks)?)
}

/// Writes a file that was not there and that only its owner reads.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    output::print(&format!("wrote {}", path.display()));
    Ok(())
}
