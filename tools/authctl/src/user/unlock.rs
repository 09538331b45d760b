//! `authctl user unlock` forgets the failed attempts at an account.

use auth::{attempts::LaneKind, user::User};
use runtime::Event;

use super::about;
use crate::{
    arguments::Target,
    named_user::{FoundUser, NamedUser},
    operator::{Act, Recording},
    outbox::pseudonym_key,
    target::{self, UserStores},
    user::arguments::Unlocking,
};

/// Forgets the failed attempts at the account of a user.
///
/// # Errors
/// If there is no such user, the table or the pseudonym key has no name, or they cannot be read or written.
pub(super) async fn run(
    name: &NamedUser,
    unlocking: Unlocking,
    recording: &Recording,
    stores: &UserStores,
    target: &Target,
) -> anyhow::Result<User> {
    let FoundUser { email, user } = name.find(&stores.users).await?;
    let attempts = target::attempts(target).await?;
    let address = pseudonym_key(target).await?.hash_address(&email);
    let kinds = match unlocking {
        Unlocking::Logins => &LaneKind::WITHOUT_SECOND_FACTOR[..],
        Unlocking::Everything => &LaneKind::ALL[..],
    };
    let event = about(Event::OperatorUserUnlocked, &user).field("what", unlocking.as_str());
    let act = Act::begin(event, recording, target).await?;
    act.end(auth::attempts::unlock(&address, &user.id, kinds, &attempts).await)
        .await?;
    Ok(user)
}
