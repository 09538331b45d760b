//! The keys and the demo user of a new stack.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::Context as _;
use auth::{
    feed::AnnounceRevocations,
    keys::{PublishKeys, ReadSecret as _},
    password::{FindPassword as _, HashCost, Hasher, Password},
    user::{Email, NewUser},
};
use claims::{Access, Algorithm, Clock as _, KeySet};
use config::SystemClock;
use serde::{Deserialize, Serialize};
use store::Accounts;
use zeroize::Zeroizing;

use crate::keys::KeyFolder;

/// The demo user's email address.
pub(crate) const DEMO_EMAIL: &str = "demo@example.com";

/// The demo user, who can log in.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DemoUser {
    /// The email address.
    pub email: String,
    /// The password, which is random and only valid on this machine.
    pub password: String,
}

/// Makes the missing keys, and publishes the public ones.
///
/// # Errors
/// If a file cannot be written or read, an RSA key cannot be made, or the engine refuses a request.
pub(crate) async fn keys(folder: &KeyFolder, public_keys: &impl PublishKeys) -> anyhow::Result<()> {
    let (access, refresh, pseudonym) = (folder.access(), folder.refresh(), folder.pseudonym());
    let path = folder.path();
    std::fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
    let (now, rng) = (SystemClock.now().timestamp(), &mut config::random());
    if !access.path().exists() {
        let first = keygen::access_key_set(Algorithm::RS256, now, rng)?;
        access.replace(&first)?;
    }
    if !refresh.path().exists() {
        refresh.replace(&keygen::refresh_key_set(now, rng))?;
    }
    if !pseudonym.path().exists() {
        pseudonym.replace(&keygen::pseudonym_key(rng))?;
    }
    let keys = KeySet::<Access>::from_json(&access.read().await?)?;
    Ok(public_keys.publish(&keys.jwks()).await?)
}

/// Returns the demo user of this stack. Adds the user if they do not exist, and sets a new password if the stored one
/// is lost or wrong.
///
/// # Errors
/// If the file with the password cannot be read or written, or the engine refuses a request.
pub(crate) async fn demo_user(
    path: &Path,
    users: &Accounts,
    feed: &impl AnnounceRevocations,
) -> anyhow::Result<DemoUser> {
    let email = Email::parse(DEMO_EMAIL)?;
    let credentials = users.password_record(&email).await?;
    let is_there = credentials.is_some();
    let hasher = &Hasher::new(HashCost::MIN);
    if let (Some(credentials), Some(user)) = (credentials, remembered(path)?)
        && hasher
            .check(&credentials.password_hash, &Password::parse(&user.password)?)
            .await?
    {
        return Ok(user);
    }
    let (now, rng) = (SystemClock.now(), &mut config::random());
    let text = Password::generate(rng);
    let password = Password::parse(&text)?;
    if is_there {
        auth::accounts::set_password(&email, &password, now, rng, hasher, users, feed).await?;
    } else {
        let (role, scope) = ("analyst".parse()?, "reports:read".parse()?);
        auth::accounts::add_user(NewUser { email, role, scope }, &password, now, rng, hasher, users).await?;
    }
    let user = DemoUser {
        email: DEMO_EMAIL.to_owned(),
        password: text.to_string(),
    };
    replace(path, &Zeroizing::new(serde_json::to_string(&user)?))?;
    Ok(user)
}

fn remembered(path: &Path) -> anyhow::Result<Option<DemoUser>> {
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .with_context(|| format!("{} is malformed: delete it and start again", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Writes a file that only its owner can read.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(text.as_bytes())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
