//! Logging in: a password for a session and its first tokens.

use claims::{Access, Delivery, Millis, Refresh, SessionId, SignError, TokenTerms, UserId};
use rand::CryptoRng;

use crate::{
    ClientDetails, CredentialsStore, Email, IssuedTokens, Password, PasswordHash, Session, SessionStore, Signer,
    Status, StoreError, User, UserStore,
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
    #[error("the password check was cancelled")]
    Cancelled,
}

/// Checks an address and a password, opens a session and issues its first tokens.
///
/// # Errors
/// When the address is unknown, the password wrong or the user disabled, all three after the same work; and when the
/// store or the keys fail, in which case there is no session.
#[expect(
    clippy::too_many_arguments,
    reason = "the signature is the whole list of dependencies"
)]
pub async fn login(
    email: &Email,
    password: Password,
    delivery: Delivery,
    client: ClientDetails,
    now: Millis,
    rng: &mut impl CryptoRng,
    terms: &TokenTerms,
    users: &(impl CredentialsStore + UserStore),
    sessions: &impl SessionStore,
    signer: &(impl Signer<Access> + Signer<Refresh>),
) -> Result<(UserId, IssuedTokens), LoginError> {
    let sid = SessionId::new(now, entropy(rng));
    let token_id = token_id(now, rng);

    let user = authenticate(email, password, users).await?;
    let session = open(&user, sid, client, now, terms);
    let tokens = issue(&user, &session, delivery, now, token_id, terms, signer).await?;
    sessions.create(&session).await?;
    Ok((user.id, tokens))
}

/// The user with this address and password. Reads the user while the password is hashed, and hashes for unknown
/// addresses too, so that time tells nothing.
async fn authenticate(
    email: &Email,
    password: Password,
    users: &(impl CredentialsStore + UserStore),
) -> Result<User, LoginError> {
    let Some(credentials) = users.credentials(email).await? else {
        verify(PasswordHash::decoy(), password).await?;
        return Err(LoginError::UnknownUser);
    };
    let id = credentials.user_id;
    let (verified, user) = tokio::join!(verify(credentials.password_hash, password), users.user(&id));
    let user = user?;
    if !verified? {
        return Err(LoginError::WrongPassword(id));
    }
    user.filter(|user| user.status == Status::Enabled)
        .ok_or(LoginError::Disabled(id))
}

/// Checks a password on a thread that may block.
async fn verify(hash: PasswordHash, password: Password) -> Result<bool, LoginError> {
    tokio::task::spawn_blocking(move || hash.verifies(&password))
        .await
        .map_err(|_| LoginError::Cancelled)
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
