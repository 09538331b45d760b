//! Logging in: a password for a session and its first tokens.

use claims::{Access, Delivery, Millis, Refresh, SessionId, SignError, TokenTerms, UserId};
use rand::CryptoRng;

use crate::{
    ClientDetails, Credentials, CredentialsStore, Email, HashError, Hasher, IssuedTokens, OpenSessions, Password,
    PasswordHash, Salt, Session, Signer, Status, StoreError, UpgradeHash, User, UserStore,
    issue::{entropy, issue, token_id},
};

/// Why a login was refused. The caller cannot tell the first three apart.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Nobody has this address.
    #[error("unknown user")]
    UnknownUser,
    /// The password is not this user's.
    #[error("wrong password")]
    WrongPassword(UserId),
    /// The user may not log in.
    #[error("disabled user")]
    Disabled(UserId),
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// A login that succeeded.
#[derive(Debug)]
pub struct LoggedIn {
    /// Who logged in.
    pub user_id: UserId,
    /// Their first tokens.
    pub tokens: IssuedTokens,
    /// What became of their hash, should it have been weaker than new ones.
    pub hash_upgrade: HashUpgrade,
}

/// What became of a stored hash at a login. None of it hinders the login: what was not done is tried at the next one.
#[derive(Debug)]
pub enum HashUpgrade {
    /// It is as strong as a new one.
    NotDue,
    /// It was replaced.
    Done,
    /// It had changed since it was read, so it stayed as it was.
    Overtaken,
    /// No new one could be made.
    NotHashed(HashError),
    /// The store did not take the new one.
    NotStored(StoreError),
}

/// Checks an address and a password, opens a session and issues its first tokens. A stored hash that is weaker than new
/// ones is replaced, unless it changed meanwhile.
///
/// # Errors
/// When the address is unknown, the password wrong or the user disabled, all three after the same reads and the same
/// hashing; and when hashing, the store or the keys fail. A store that fails while the session is written may have written
/// it: that session has tokens which nobody holds, and ends by itself at its idle limit.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn login(
    email: &Email,
    password: &Password,
    delivery: Delivery,
    client: ClientDetails,
    now: Millis,
    rng: &mut impl CryptoRng,
    terms: &TokenTerms,
    hasher: &Hasher,
    users: &(impl CredentialsStore + UserStore + UpgradeHash),
    sessions: &impl OpenSessions,
    signer: &(impl Signer<Access> + Signer<Refresh>),
) -> Result<LoggedIn, LoginError> {
    let sid = SessionId::new(now, entropy(rng));
    let token_id = token_id(now, rng);
    let salt = Salt::new(rng);
    let decoy = Credentials {
        user_id: UserId::new(now, entropy(rng)),
        password_hash: hasher.decoy().clone(),
        password_changed_at: now.timestamp(),
    };

    let (user, hash) = authenticate(email, password, decoy, hasher, users).await?;
    let session = open(&user, sid, client, now, terms);
    let tokens = issue(&user, &session, delivery, now, token_id, terms, signer).await?;
    sessions.create(&session).await?;
    Ok(LoggedIn {
        hash_upgrade: upgrade(email, password, &hash, salt, hasher, users).await,
        user_id: user.id,
        tokens,
    })
}

/// The user with this address and password, and the stored hash. An unknown address is given the credentials of `decoy`,
/// whom nobody is: the same reads and the same hashing follow, so that neither time nor a store that fails half-way tells
/// it apart.
async fn authenticate(
    email: &Email,
    password: &Password,
    decoy: Credentials,
    hasher: &Hasher,
    users: &(impl CredentialsStore + UserStore),
) -> Result<(User, PasswordHash), LoginError> {
    let found = users.credentials(email).await?;
    let is_known = found.is_some();
    let Credentials {
        user_id, password_hash, ..
    } = found.unwrap_or(decoy);
    let (verified, user) = tokio::join!(hasher.check(&password_hash, password), users.user(&user_id));
    let (verified, user) = (verified?, user?);
    if !is_known {
        return Err(LoginError::UnknownUser);
    }
    if !verified {
        return Err(LoginError::WrongPassword(user_id));
    }
    user.filter(|user| user.status == Status::Enabled)
        .map(|user| (user, password_hash))
        .ok_or(LoginError::Disabled(user_id))
}

/// Replaces a hash that is weaker than new ones: only now is the password known that it is of.
async fn upgrade(
    email: &Email,
    password: &Password,
    old: &PasswordHash,
    salt: Salt,
    hasher: &Hasher,
    users: &impl UpgradeHash,
) -> HashUpgrade {
    if !old.is_weaker_than(hasher.cost()) {
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

fn open(user: &User, sid: SessionId, client: ClientDetails, now: Millis, terms: &TokenTerms) -> Session {
    let now = now.timestamp();
    let expires_at = now.plus(terms.lifetimes.absolute);
    Session {
        user_id: user.id.clone(),
        sid,
        generation: 0,
        issued_at: now,
        delivered_at: None,
        previous_delivered_at: None,
        recovered_generation: None,
        idle_expires_at: now.plus(terms.lifetimes.idle).min(expires_at),
        expires_at,
        epoch: user.epoch,
        revoked: None,
        auth_time: now,
        client,
    }
}
