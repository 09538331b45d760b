//! `authctl user` adds, invites, shows, changes, deletes, imports and exports users.

mod arguments;
mod column;
mod export;
mod import;
mod list;
mod mail;
mod persistence;
mod value;

use auth::{
    accounts::Invitation,
    factor::FindFactors as _,
    user::{Email, NewUser, User},
};
use claims::Clock as _;

pub(crate) use self::arguments::{LetterLanguage, UserCommand};
use crate::{
    arguments::{Output, Target},
    confirmation::Confirmation,
    output::{self, FactorsRow, UserRow},
    password::{NewPassword, PasswordSource, hasher, new_password},
    target::{self, UserStores},
};

/// Runs a user command and prints its result.
pub(crate) async fn run(command: UserCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    let stores = &target::user_stores(target).await?;
    let UserStores { users, feed } = stores;
    let rng = &mut config::random();
    // The time is read only when it is needed: a prompt may wait for minutes, and the clock stops while the computer
    // sleeps.
    let clock = || stores.clock();
    let now = async || anyhow::Ok(clock().await?.now());
    let user = match command {
        UserCommand::List => return list::run(users, output).await,
        UserCommand::Import(command) => return import::run(command, users, &clock().await?, output).await,
        UserCommand::Export(command) => return export::run(command, users, output).await,
        UserCommand::Invite {
            email,
            role,
            scope,
            language: LetterLanguage { language },
        } => {
            let user = NewUser { email, role, scope };
            return mail::invite(Invitation { user, language }, stores, target, output).await;
        }
        UserCommand::Reset {
            email,
            language: LetterLanguage { language },
        } => return mail::reset(email, language, stores, target, output).await,
        UserCommand::Show { email } => auth::accounts::find_user(&email, users).await?,
        UserCommand::SetRole { email, role } => {
            auth::accounts::set_role(&email, role, &clock().await?, users, feed).await?
        }
        UserCommand::SetEmail { email, new } => {
            auth::accounts::set_email(&email, &new, &clock().await?, users, feed).await?
        }
        UserCommand::Delete { email, confirmation } => {
            let sessions = target::session_stores(target).await?.sessions;
            let user = auth::accounts::find_user(&email, users).await?;
            confirmation.ask(&change(&user, "deletes", "and ends all their sessions", target))?;
            let factors = target::factor_table(target).await?;
            auth::accounts::delete_user(&email, now().await?, users, &sessions, &factors, feed).await?
        }
        UserCommand::Factors { email } => {
            let user = auth::accounts::find_user(&email, users).await?;
            let factors = target::factor_table(target).await?.factors(&user.id).await?;
            return output::print_row(&FactorsRow::new(&user, &factors)?, output);
        }
        UserCommand::ResetFactors {
            email,
            reason,
            confirmation,
        } => {
            let changes = target::factor_changes(target).await?;
            let user = auth::accounts::find_user(&email, users).await?;
            confirmation.ask(&change(
                &user,
                "removes the second factors of",
                "and ends all their sessions",
                target,
            ))?;
            auth::factor::reset_factors(&user.id, &reason, now().await?, &changes, feed).await?;
            auth::accounts::find_user(&email, users).await?
        }
        UserCommand::Disable { email, confirmation } => {
            let user = auth::accounts::find_user(&email, users).await?;
            confirmation.ask(&change(
                &user,
                "disables the login of",
                "and ends all their sessions",
                target,
            ))?;
            auth::accounts::disable_user(&email, now().await?, users, feed).await?
        }
        UserCommand::Enable { email } => auth::accounts::enable_user(&email, users).await?,
        UserCommand::Add {
            email,
            role,
            scope,
            password,
        } => {
            let NewPassword { password, generated } = new_password(password, &email)?;
            let new = NewUser { email, role, scope };
            generated.show(output)?;
            let user = auth::accounts::add_user(new, &password, now().await?, rng, &hasher()?, users).await?;
            return generated.print_row(UserRow::new(&user)?, output);
        }
        UserCommand::SetPassword {
            email,
            password,
            confirmation,
        } => return set_password(&email, password, confirmation, stores, target, output).await,
    };
    output::print_row(&UserRow::new(&user)?, output)
}

/// Replaces a user's password and prints the user.
async fn set_password(
    email: &Email,
    source: PasswordSource,
    confirmation: Confirmation,
    stores: &UserStores,
    target: &Target,
    output: Output,
) -> anyhow::Result<()> {
    let UserStores { users, feed } = stores;
    let user = auth::accounts::find_user(email, users).await?;
    confirmation.ask(&change(
        &user,
        "replaces the password of",
        "and ends all their sessions",
        target,
    ))?;
    let NewPassword { password, generated } = new_password(source, email)?;
    generated.show(output)?;
    let (now, rng) = (stores.clock().await?.now(), &mut config::random());
    let user = auth::accounts::set_password(email, &password, now, rng, &hasher()?, users, feed).await?;
    generated.print_row(UserRow::new(&user)?, output)
}

/// Returns what a command changes, for the question to the operator.
fn change(user: &User, verb: &str, effect: &str, target: &Target) -> String {
    format!(
        "This {verb} {}, user {}, in {}, {effect}.",
        user.email,
        user.id,
        target.place()
    )
}
