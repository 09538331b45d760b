//! `authctl user` adds, invites, shows, changes, unlocks, deletes, imports and exports users.

mod arguments;
mod column;
mod confirmation;
mod export;
mod import;
mod list;
mod mail;
mod persistence;
mod show;
mod unlock;
mod value;

use auth::{accounts::Invitation, factor::FindFactors as _, user::NewUser};
use claims::Clock as _;
use zeroize::Zeroizing;

pub(crate) use self::arguments::{LetterLanguage, UserCommand};
use crate::{
    arguments::{Output, Target},
    named_user::FoundUser,
    output::{self, FactorsRow, UserRow},
    password::{NewPassword, hasher, new_password},
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
        UserCommand::List(filter) => return list::run(&filter, users, output).await,
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
            user,
            language: LetterLanguage { language },
        } => {
            let FoundUser { email, .. } = user.find(users).await?;
            return mail::reset(email, language, stores, target, output).await;
        }
        UserCommand::Show { user } => return show::run(&user, target, output).await,
        UserCommand::SetRole { user, role } => {
            let FoundUser { email, .. } = user.find(users).await?;
            auth::accounts::set_role(&email, role, &clock().await?, users, feed).await?
        }
        UserCommand::SetScope { user, scope } => {
            let FoundUser { email, .. } = user.find(users).await?;
            auth::accounts::set_scope(&email, scope, &clock().await?, users, feed).await?
        }
        UserCommand::SetClaims { user, claims } => {
            let FoundUser { email, .. } = user.find(users).await?;
            auth::accounts::set_custom_claims(&email, claims, &clock().await?, users, feed).await?
        }
        UserCommand::SetEmail { user, new } => {
            let FoundUser { email, .. } = user.find(users).await?;
            auth::accounts::set_email(&email, &new, &clock().await?, users, feed).await?
        }
        UserCommand::Unlock { user, what } => {
            let FoundUser { email, user } = user.find(users).await?;
            unlock::run(&email, &user.id, what, target).await?;
            user
        }
        UserCommand::Delete { user, yes } => {
            let sessions = target::session_stores(target).await?.sessions;
            let FoundUser { email, user } = user.find(users).await?;
            if !yes {
                confirmation::confirm_deletion(&user)?;
            }
            let factors = target::factor_table(target).await?;
            auth::accounts::delete_user(&email, now().await?, users, &sessions, &factors, feed).await?
        }
        UserCommand::Factors { user } => {
            let FoundUser { user, .. } = user.find(users).await?;
            let factors = target::factor_table(target).await?.factors(&user.id).await?;
            return output::print_row(&FactorsRow::new(&user, &factors)?, output);
        }
        UserCommand::ResetFactors { user, reason } => {
            let changes = target::factor_changes(target).await?;
            let FoundUser { email, user } = user.find(users).await?;
            auth::factor::reset_factors(&user.id, &reason, now().await?, &changes, feed).await?;
            auth::accounts::find_user(&email, users).await?
        }
        UserCommand::Disable { user } => {
            let FoundUser { email, .. } = user.find(users).await?;
            auth::accounts::disable_user(&email, now().await?, users, feed).await?
        }
        UserCommand::Enable { user } => {
            let FoundUser { email, .. } = user.find(users).await?;
            auth::accounts::enable_user(&email, users).await?
        }
        UserCommand::Add {
            email,
            role,
            scope,
            password,
        } => {
            let NewPassword { password, generated } = new_password(password, &email)?;
            let new = NewUser { email, role, scope };
            let user = auth::accounts::add_user(new, &password, now().await?, rng, &hasher()?, users).await?;
            show_password(generated);
            user
        }
        UserCommand::SetPassword { user, password } => {
            let FoundUser { email, .. } = user.find(users).await?;
            let NewPassword { password, generated } = new_password(password, &email)?;
            let user =
                auth::accounts::set_password(&email, &password, now().await?, rng, &hasher()?, users, feed).await?;
            show_password(generated);
            user
        }
    };
    output::print_row(&UserRow::new(&user)?, output)
}

fn show_password(generated: Option<Zeroizing<String>>) {
    if let Some(password) = generated {
        output::print_password(&password);
    }
}
