//! `authctl user show` collects all that is known about one user.

use auth::{
    attempts::{HeldLane, held_lanes},
    factor::FindFactors as _,
    password::FindPassword as _,
    session::FindLastLogin as _,
};
use claims::{Clock as _, Moment, TokenId};
use store::Accounts;

use crate::{
    arguments::{Output, Target},
    hint,
    named_user::{FoundUser, NamedUser},
    outbox::pseudonym_key,
    output::{self, FactorsRow, Known, UserDetails},
    session::list_live,
    target::{self, SessionStores},
};

/// Prints a user with their sessions, their last login, and the lanes that hold up attempts. An operator who may not
/// read the attempts sees why instead.
///
/// # Errors
/// If there is no such user, or the store fails.
pub(super) async fn run(user: &NamedUser, target: &Target, output: Output) -> anyhow::Result<()> {
    let stores = target::session_stores(target).await?;
    let SessionStores { users, sessions, .. } = &stores;
    let found = user.find(users).await?;
    let now = stores.clock().await?.now();
    let live = list_live(&found.user.id, now.timestamp(), &stores).await?;
    let last_login = sessions.last_login(&found.user.id).await?;
    let password = users.password_record(&found.email).await?;
    let held = match find_held(&found, now, target).await {
        Ok(held) => Known::Yes(held),
        Err(error) => Known::No(format!("{:#}", hint::quote(error, target).await)),
    };
    let password_changed_at = password.map(|password| password.password_changed_at);
    let details = UserDetails::new(&found.user, password_changed_at, &live, last_login, held)?;
    output::print_details(&details, output)
}

/// Prints the second factors of a user.
///
/// # Errors
/// If there is no such user, or the store fails.
pub(super) async fn run_factors(
    user: &NamedUser,
    users: &Accounts,
    target: &Target,
    output: Output,
) -> anyhow::Result<()> {
    let FoundUser { user, .. } = user.find(users).await?;
    let factors = target::factor_table(target).await?.factors(&user.id).await?;
    output::print_row(&FactorsRow::new(&user, &factors)?, output)
}

async fn find_held(found: &FoundUser, now: Moment, target: &Target) -> anyhow::Result<Vec<HeldLane>> {
    let (attempts, key) = (target::attempts(target).await?, pseudonym_key(target).await?);
    let next = TokenId::draw(now, &mut config::random());
    let address = key.hash_address(&found.email);
    Ok(held_lanes(&address, &found.user.id, &next, now, &attempts).await?)
}
