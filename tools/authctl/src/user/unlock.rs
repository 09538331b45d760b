//! `authctl user unlock` forgets the failed attempts at an account.

use auth::{attempts::LaneKind, user::Email};
use claims::UserId;

use crate::{arguments::Target, outbox::pseudonym_key, target, user::arguments::Unlocking};

/// Forgets the failed attempts at the account with this address.
///
/// # Errors
/// If the table or the pseudonym key has no name, or cannot be read or written.
pub(super) async fn run(email: &Email, user_id: &UserId, unlocking: Unlocking, target: &Target) -> anyhow::Result<()> {
    let (attempts, key) = (target::attempts(target).await?, pseudonym_key(target).await?);
    let kinds = match unlocking {
        Unlocking::Logins => &LaneKind::WITHOUT_SECOND_FACTOR[..],
        Unlocking::Everything => &LaneKind::ALL[..],
    };
    auth::attempts::unlock(&key.hash_address(email), user_id, kinds, &attempts).await?;
    Ok(())
}
