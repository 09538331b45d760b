//! Changes of a user that end no session.

use auth::user::{Email, User};
use claims::{Role, Scope};
use runtime::Event;

use super::{about, arguments::CustomClaims};
use crate::{
    arguments::Target,
    named_user::{FoundUser, NamedUser},
    operator::{Act, Recording},
    target::UserStores,
};

/// Changes the role of a user.
pub(super) async fn set_role(
    name: &NamedUser,
    role: Role,
    recording: &Recording,
    stores: &UserStores,
    target: &Target,
) -> anyhow::Result<User> {
    let UserStores { users, feed } = stores;
    let FoundUser { email, user } = name.find(users).await?;
    let event = about(Event::OperatorRoleSet, &user).field("role", role.as_str());
    let clock = stores.clock().await?;
    let act = Act::begin(event, recording, target).await?;
    act.end(auth::accounts::set_role(&email, role, &clock, users, feed).await)
        .await
}

/// Changes the permissions of a user.
pub(super) async fn set_scope(
    name: &NamedUser,
    scope: Scope,
    recording: &Recording,
    stores: &UserStores,
    target: &Target,
) -> anyhow::Result<User> {
    let UserStores { users, feed } = stores;
    let FoundUser { email, user } = name.find(users).await?;
    let event = about(Event::OperatorScopeSet, &user).field("scope", scope.as_str());
    let clock = stores.clock().await?;
    let act = Act::begin(event, recording, target).await?;
    act.end(auth::accounts::set_scope(&email, scope, &clock, users, feed).await)
        .await
}

/// Replaces the custom claims of a user.
pub(super) async fn set_claims(
    name: &NamedUser,
    claims: CustomClaims,
    recording: &Recording,
    stores: &UserStores,
    target: &Target,
) -> anyhow::Result<User> {
    let UserStores { users, feed } = stores;
    let FoundUser { email, user } = name.find(users).await?;
    let clock = stores.clock().await?;
    let act = Act::begin(about(Event::OperatorClaimsSet, &user), recording, target).await?;
    act.end(auth::accounts::set_custom_claims(&email, claims, &clock, users, feed).await)
        .await
}

/// Changes the address of a user.
pub(super) async fn set_email(
    name: &NamedUser,
    new: &Email,
    recording: &Recording,
    stores: &UserStores,
    target: &Target,
) -> anyhow::Result<User> {
    let UserStores { users, feed } = stores;
    let FoundUser { email, user } = name.find(users).await?;
    let clock = stores.clock().await?;
    let act = Act::begin(about(Event::OperatorAddressSet, &user), recording, target).await?;
    act.end(auth::accounts::set_email(&email, new, &clock, users, feed).await)
        .await
}

/// Lets a user log in again.
pub(super) async fn enable(
    name: &NamedUser,
    recording: &Recording,
    UserStores { users, .. }: &UserStores,
    target: &Target,
) -> anyhow::Result<User> {
    let FoundUser { email, user } = name.find(users).await?;
    let act = Act::begin(about(Event::OperatorUserEnabled, &user), recording, target).await?;
    act.end(auth::accounts::enable_user(&email, users).await).await
}
