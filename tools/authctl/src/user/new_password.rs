//! Commands with which an operator chooses a password.

use auth::user::NewUser;
use claims::Clock as _;
use runtime::{AuditEvent, Event};

use super::{about, ending};
use crate::{
    arguments::{Output, Target},
    confirmation::Confirmation,
    named_user::{FoundUser, NamedUser},
    operator::{Act, Recording},
    output::UserRow,
    password::{NewPassword, PasswordSource, hasher, new_password},
    target::UserStores,
};

/// Adds a user and prints the user.
pub(super) async fn add(
    new: NewUser,
    source: PasswordSource,
    recording: &Recording,
    stores: &UserStores,
    target: &Target,
    output: Output,
) -> anyhow::Result<()> {
    let NewPassword { password, generated } = new_password(source, &new.email)?;
    let event = AuditEvent::new(Event::OperatorUserAdded).field("role", new.role.as_str());
    let event = event.field("scope", new.scope.as_str());
    // The prompt may have waited for minutes, and the clock of DynamoDB stops while the computer sleeps.
    let (now, rng, hasher) = (stores.clock().await?.now(), &mut config::random(), hasher()?);
    generated.show(output)?;
    let act = Act::begin(event, recording, target).await?;
    let added = auth::accounts::add_user(new, &password, now, rng, &hasher, &stores.users).await;
    let user = act.end_with(added, |event, user| event.user(&user.id)).await?;
    generated.print_row(UserRow::new(&user)?, output)
}

/// Replaces a user's password and prints the user.
pub(super) async fn set(
    name: &NamedUser,
    source: PasswordSource,
    confirmation: Confirmation,
    recording: Recording,
    stores: &UserStores,
    target: &Target,
    output: Output,
) -> anyhow::Result<()> {
    let UserStores { users, feed } = stores;
    let recording = recording.with_reason(target)?;
    let FoundUser { email, user } = name.find(users).await?;
    confirmation.ask(&ending::question("replaces the password of", &user, target))?;
    let NewPassword { password, generated } = new_password(source, &email)?;
    let (now, rng, hasher) = (stores.clock().await?.now(), &mut config::random(), hasher()?);
    generated.show(output)?;
    let act = Act::begin(about(Event::OperatorPasswordSet, &user), &recording, target).await?;
    let set = auth::accounts::set_password(&email, &password, now, rng, &hasher, users, feed).await;
    let user = act.end(set).await?;
    generated.print_row(UserRow::new(&user)?, output)
}
