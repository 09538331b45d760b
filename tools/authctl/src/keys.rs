//! `authctl key`: the keys of a deployment, made as files, and the public ones published.

use std::{fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use anyhow::{Context as _, ensure};
use auth::PublishKeys;
use claims::{Access, Algorithm, Clock as _, Jwks, KeySet};
use config::SystemClock;

use crate::{
    arguments::{KeyCommand, Target},
    output, target,
};

/// What is written: the private keys of either kind, and the public ones.
const FILES: [&str; 3] = ["access-keys.json", "refresh-keys.json", "jwks.json"];

/// Runs a command about keys.
pub(crate) async fn run(command: KeyCommand, target: &Target) -> anyhow::Result<()> {
    match command {
        KeyCommand::New { folder } => make(&folder),
        KeyCommand::Publish { jwks } => publish(&jwks, &target::feed(target).await?).await,
    }
}

async fn publish(path: &Path, feed: &impl PublishKeys) -> anyhow::Result<()> {
    let json = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let jwks = Jwks::from_json(&json).with_context(|| format!("{} is no set of public keys", path.display()))?;
    feed.publish(&jwks).await?;
    output::print("published: authorizers that run read it within five minutes");
    Ok(())
}

fn make(folder: &Path) -> anyhow::Result<()> {
    let [access_path, refresh_path, jwks_path] = FILES.map(|file| folder.join(file));
    // All three or none: a deployment with old keys of one kind and new ones of another refuses every token.
    for path in [&access_path, &refresh_path, &jwks_path] {
        ensure!(
            !path.exists(),
            "{} is there already, and keys are never overwritten",
            path.display()
        );
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let rng = &mut config::random();
    let now = SystemClock.now().timestamp();
    let access = keygen::access_key_set(Algorithm::RS256, now, rng)?;
    let jwks = KeySet::<Access>::from_json(&access)?.jwks();
    write(&access_path, &access)?;
    write(&refresh_path, &keygen::refresh_key_set(now, rng))?;
    write(&jwks_path, &jwks.to_json())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_beside_keys_that_are_there() {
        for there in FILES {
            let folder = std::env::temp_dir().join(format!("authctl-{}-{there}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(there), "precious").unwrap();

            let outcome = make(&folder);

            let files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
            let kept = std::fs::read_to_string(folder.join(there)).unwrap();
            std::fs::remove_dir_all(&folder).unwrap();
            assert!(outcome.unwrap_err().to_string().contains("is there already"), "{there}");
            assert_eq!((files.len(), kept.as_str()), (1, "precious"), "{there}");
        }
    }
}
