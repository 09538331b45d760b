//! Replacing a weak hash at a login.

use crate::{
    error::StoreError,
    password::{HashError, Hasher, Password, PasswordForm, PasswordHash, Salt, UpgradeHash},
    user::Email,
};

/// What happened to a stored hash at a login. A failed upgrade does not prevent the login, and the next login tries
/// again.
#[derive(Debug)]
pub enum HashUpgrade {
    /// The hash was made from the NFC form and is at least as strong as a new one.
    NotDue,
    /// The hash was replaced.
    Done,
    /// The hash had changed since it was read, so it was left as it was.
    Overtaken,
    /// The new hash could not be made.
    NotHashed(HashError),
    /// The store did not accept the new hash.
    NotStored(StoreError),
}

/// Replaces a hash that is weaker than new ones, or that was not made from the NFC form of the password. This happens
/// at a login because only then is the password known.
pub(crate) async fn upgrade(
    email: &Email,
    password: &Password,
    form: Option<PasswordForm>,
    old: &PasswordHash,
    salt: Salt,
    hasher: &Hasher,
    users: &impl UpgradeHash,
) -> HashUpgrade {
    if form == Some(PasswordForm::Own) && !old.is_weaker_than(hasher.cost()) {
        return HashUpgrade::NotDue;
    }
    let new = match hasher.hash(password, salt).await {
        Ok(new) => new,
        Err(error) => return HashUpgrade::NotHashed(error),
    };
    match users.upgrade(email, old, &new).await {
        Ok(true) => HashUpgrade::Done,
        Ok(false) => HashUpgrade::Overtaken,
        Err(error) => HashUpgrade::NotStored(error),
    }
}
