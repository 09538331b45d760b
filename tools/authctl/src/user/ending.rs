//! Changes that end all sessions of a user. Each asks first, and needs a reason.

use auth::user::User;
use claims::Clock as _;
use runtime::Event;

use super::about;
use crate::{
    arguments::Target,
    confirmation::Confirmation,
    named_user::{FoundUser, NamedUser},
    operator::{Act, Recording},
    target::{self, UserStores},
};

/// The reason that stays with a user whose factors were reset, if none was given on a local stack.
const LOCAL: &str = "none: on a local stack";

/// Prevents logins of a user.
pub(super) async fn disable(
    name: &NamedUser,
    confirmation: Confirmation,
    recording: Recording,
    stores: &UserStores,
    target: &Target,
) -> anyhow::Result<User> {
    let UserStores { users, feed } = stores;
    let recording = recording.with_reason(target)?;
    let FoundUser { email, user } = name.find(users).await?;
    confirmation.ask(&question("disables the login of", &user, target))?;
    let now = stores.clock().await?.now();
    let act = Act::begin(about(Event::OperatorUserDisabled, &user), &recording, target).await?;
    act.end(auth::accounts::disable_user(&email, now, users, feed).await)
        .await
}

/// Removes the second factors of a user.
pub(super) async fn reset_factors(
    name: &NamedUser,
    confirmation: Confirmation,
    recording: Recording,
    stores: &UserStores,
    target: &Target,
) -> anyhow::Result<User> {
    let UserStores { users, feed } = stores;
    let recording = recording.with_reason(target)?;
    let changes = target::factor_changes(target).await?;
    let FoundUser { email, user } = name.find(users).await?;
    confirmation.ask(&question("removes the second factors of", &user, target))?;
    let (reason, now) = (recording.reason().unwrap_or(LOCAL), stores.clock().await?.now());
    let act = Act::begin(about(Event::OperatorFactorsReset, &user), &recording, target).await?;
    act.end(auth::factor::reset_factors(&user.id, reason, now, &changes, feed).await)
        .await?;
    Ok(auth::accounts::find_user(&email, users).await?)
}

/// Deletes a user.
pub(super) async fn delete(
    name: &NamedUser,
    confirmation: Confirmation,
    recording: Recording,
    stores: &UserStores,
    target: &Target,
) -> anyhow::Result<User> {
    let UserStores { users, feed } = stores;
    let recording = recording.with_reason(target)?;
    let sessions = target::session_stores(target).await?.sessions;
    let factors = target::factor_table(target).await?;
    let FoundUser { email, user } = name.find(users).await?;
    confirmation.ask(&question("deletes", &user, target))?;
    let now = stores.clock().await?.now();
    let act = Act::begin(about(Event::OperatorUserDeleted, &user), &recording, target).await?;
    act.end(auth::accounts::delete_user(&email, now, users, &sessions, &factors, feed).await)
        .await
}

/// Returns what a command changes, for the question to the operator.
pub(super) fn question(verb: &str, user: &User, target: &Target) -> String {
    format!(
        "This {verb} {}, user {}, in {}, and ends all their sessions.",
        user.email,
        user.id,
        target.place()
    )
}
