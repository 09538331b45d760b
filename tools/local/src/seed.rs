//! The keys and the demo user of a new stack.

use std::{io::ErrorKind, path::Path};

use anyhow::Context as _;
use auth::{
    error::StoreError,
    feed::AnnounceRevocations,
    keys::{KeySetVersion, PublishKeys, PublishSchedule, ReadKeySet, ReplaceError, ReplaceKeySet},
    password::{FindPassword as _, HashCost, Hasher, Password},
    user::{Email, NewUser},
};
use claims::{Access, Algorithm, Clock as _, KeySetDocument, Refresh};
use config::SystemClock;
use keygen::LEAD;
use serde::{Deserialize, Serialize};
use store::{Accounts, KeyFile};
use zeroize::Zeroizing;

use crate::{keys::KeyFolder, private_file};

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

/// Creates the missing keys, and publishes the public ones.
///
/// # Errors
/// If a file cannot be written or read, an RSA key cannot be made, or the engine refuses a request.
pub(crate) async fn seed_keys(
    folder: &KeyFolder,
    public_keys: &(impl PublishKeys + PublishSchedule),
) -> anyhow::Result<()> {
    let (access, refresh, pseudonym) = (folder.access(), folder.refresh(), folder.pseudonym());
    let path = folder.path();
    std::fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
    let (now, rng) = (SystemClock.now(), &mut config::random());
    if !access.path().exists() {
        let keys = &NewKeyFile(&access);
        rotation::rotate::<Access>(Some(Algorithm::RS256), LEAD, now, rng, keys, public_keys).await?;
    }
    if !refresh.path().exists() {
        let keys = &NewKeyFile(&refresh);
        rotation::rotate::<Refresh>(Some(Algorithm::HS256), LEAD, now, rng, keys, public_keys).await?;
    }
    if !pseudonym.path().exists() {
        pseudonym.replace(&keygen::pseudonym_key(rng))?;
    }
    for sealing in [folder.mail(), folder.factors()] {
        if !sealing.path().exists() {
            sealing.replace(&keygen::sealing_key(rng))?;
        }
    }
    // The database may be new although the keys are not.
    Ok(rotation::publish_current::<Access>(&access, public_keys).await?)
}

/// A key file that does not exist yet. It is read as a key set without keys, so its first key signs at once.
struct NewKeyFile<'a>(&'a KeyFile);

impl ReadKeySet for NewKeyFile<'_> {
    async fn current(&self) -> Result<KeySetVersion, StoreError> {
        Ok(KeySetVersion {
            id: String::new(),
            text: KeySetDocument::default().to_json(),
        })
    }
}

impl ReplaceKeySet for NewKeyFile<'_> {
    async fn replace_version(&self, _: &KeySetVersion, next: &KeySetVersion) -> Result<(), ReplaceError> {
        Ok(self.0.replace(&next.text)?)
    }
}

/// Returns the demo user of this stack. Adds the user if they do not exist, and sets a new password if the saved one is
/// lost or wrong.
///
/// # Errors
/// If the file with the password cannot be read or written, or the engine refuses a request.
pub(crate) async fn seed_user(
    path: &Path,
    users: &Accounts,
    feed: &impl AnnounceRevocations,
) -> anyhow::Result<DemoUser> {
    let email = Email::parse(DEMO_EMAIL)?;
    let credentials = users.password_record(&email).await?;
    let is_there = credentials.is_some();
    let hasher = &Hasher::new(HashCost::MIN);
    if let (Some(credentials), Some(user)) = (credentials, read_saved(path)?)
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
    private_file::replace(path, &Zeroizing::new(serde_json::to_string(&user)?))?;
    Ok(user)
}

fn read_saved(path: &Path) -> anyhow::Result<Option<DemoUser>> {
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .with_context(|| format!("{} is malformed: delete it and start again", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, sync::Mutex};

    use auth::keys::ReadSecret as _;
    use claims::{Jwks, KeySchedule, KeySet, TokenKind};

    use super::*;

    #[tokio::test]
    async fn first_keys_sign_at_once_and_a_second_start_publishes_them_again() {
        let folder = Folder::new("first-keys");
        let keys = KeyFolder::new(&folder.0);
        let published = Published::default();

        seed_keys(&keys, &published).await.unwrap();
        let first = keys.access().read().await.unwrap();
        seed_keys(&keys, &published).await.unwrap();

        let set = KeySet::<Access>::from_json(&first).unwrap();
        set.ready(SystemClock.now().timestamp()).unwrap();
        assert_eq!(keys.access().read().await.unwrap(), first);
        let jwks = published.0.into_inner().unwrap();
        assert!(jwks.len() > 1 && jwks.iter().all(|jwks| *jwks == set.jwks().to_json()));
        let refresh = keys.refresh().read().await.unwrap();
        KeySet::<Refresh>::from_json(&refresh)
            .unwrap()
            .ready(SystemClock.now().timestamp())
            .unwrap();
    }

    #[tokio::test]
    async fn first_keys_that_cannot_be_published_are_not_stored() {
        let folder = Folder::new("unpublished-keys");
        let keys = KeyFolder::new(&folder.0);

        seed_keys(&keys, &Unreachable).await.unwrap_err();

        assert!(!keys.access().path().exists());
    }

    /// A public keys table that keeps everything that was published.
    #[derive(Default)]
    struct Published(Mutex<Vec<String>>);

    impl PublishKeys for Published {
        async fn publish(&self, jwks: &Jwks) -> Result<(), StoreError> {
            self.0.lock().unwrap().push(jwks.to_json());
            Ok(())
        }
    }

    impl PublishSchedule for Published {
        async fn publish_schedule<K: TokenKind>(&self, _: &KeySchedule) -> Result<(), StoreError> {
            Ok(())
        }
    }

    /// A public keys table that refuses every write.
    struct Unreachable;

    impl PublishKeys for Unreachable {
        async fn publish(&self, _: &Jwks) -> Result<(), StoreError> {
            Err(StoreError::Unavailable {
                operation: "publish keys",
                cause: "unreachable".to_owned(),
            })
        }
    }

    impl PublishSchedule for Unreachable {
        async fn publish_schedule<K: TokenKind>(&self, _: &KeySchedule) -> Result<(), StoreError> {
            Ok(())
        }
    }

    /// A folder that is removed when this value is dropped.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            Self(std::env::temp_dir().join(format!("gatehouse-{name}-{}", std::process::id())))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).ok();
        }
    }
}
