//! `authctl user` adds, invites, shows, changes, unlocks, deletes, imports and exports users.

mod arguments;
mod change;
mod column;
mod ending;
mod export;
mod import;
mod list;
mod mail;
mod new_password;
mod persistence;
mod show;
mod unlock;
mod value;

use auth::{
    accounts::Invitation,
    user::{NewUser, User},
};
use runtime::{AuditEvent, Event};
use store::Accounts;

use self::arguments::{Export, Import};
pub(crate) use self::arguments::{LetterLanguage, UserCommand};
use crate::{
    arguments::{Output, Target},
    operator::Act,
    output::{self, UserRow},
    target::{self, UserStores},
};

/// Runs a user command and prints its result.
pub(crate) async fn run(command: UserCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    let stores = &target::user_stores(target).await?;
    let users = &stores.users;
    let user = match command {
        UserCommand::List(filter) => return list::run(&filter, users, output).await,
        UserCommand::Show { user } => return show::run(&user, target, output).await,
        UserCommand::Factors { user } => return show::run_factors(&user, users, target, output).await,
        UserCommand::Import(command) => return import_users(command, stores, target, output).await,
        UserCommand::Export(command) => return export_users(command, users, target, output).await,
        UserCommand::Invite {
            email,
            role,
            scope,
            language: LetterLanguage { language },
            recording,
        } => {
            let user = NewUser { email, role, scope };
            return mail::invite(Invitation { user, language }, &recording, stores, target, output).await;
        }
        UserCommand::Reset {
            user,
            language: LetterLanguage { language },
            recording,
        } => return mail::reset(&user, language, &recording, stores, target, output).await,
        UserCommand::Add {
            email,
            role,
            scope,
            password,
            recording,
        } => {
            let new = NewUser { email, role, scope };
            return new_password::add(new, password, &recording, stores, target, output).await;
        }
        UserCommand::SetPassword {
            user,
            password,
            confirmation,
            recording,
        } => return new_password::set(&user, password, confirmation, recording, stores, target, output).await,
        UserCommand::SetRole { user, role, recording } => {
            change::set_role(&user, role, &recording, stores, target).await?
        }
        UserCommand::SetScope { user, scope, recording } => {
            change::set_scope(&user, scope, &recording, stores, target).await?
        }
        UserCommand::SetClaims {
            user,
            claims,
            recording,
        } => change::set_claims(&user, claims, &recording, stores, target).await?,
        UserCommand::SetEmail { user, new, recording } => {
            change::set_email(&user, &new, &recording, stores, target).await?
        }
        UserCommand::Enable { user, recording } => change::enable(&user, &recording, stores, target).await?,
        UserCommand::Unlock { user, what, recording } => unlock::run(&user, what, &recording, stores, target).await?,
        UserCommand::Disable {
            user,
            confirmation,
            recording,
        } => ending::disable(&user, confirmation, recording, stores, target).await?,
        UserCommand::ResetFactors {
            user,
            confirmation,
            recording,
        } => ending::reset_factors(&user, confirmation, recording, stores, target).await?,
        UserCommand::Delete {
            user,
            confirmation,
            recording,
        } => ending::delete(&user, confirmation, recording, stores, target).await?,
    };
    output::print_row(&UserRow::new(&user)?, output)
}

/// Returns an event about a user.
fn about(event: Event, user: &User) -> AuditEvent {
    AuditEvent::new(event).user(&user.id)
}

/// Imports users, and records that unless nothing is written.
async fn import_users(command: Import, stores: &UserStores, target: &Target, output: Output) -> anyhow::Result<()> {
    let clock = stores.clock().await?;
    if command.dry_run {
        let finished = import::run(&command, &stores.users, &clock, output).await?;
        let printed = finished.print(output);
        return finished.outcome.and(printed);
    }
    let file = command.file.display().to_string();
    let event = AuditEvent::new(Event::OperatorUsersImported).field("file", &file);
    let act = Act::begin(event, &command.recording, target).await?;
    match import::run(&command, &stores.users, &clock, output).await {
        Ok(finished) => {
            let printed = finished.print(output);
            act.end(finished.outcome).await?;
            printed
        }
        Err(error) => act.end(Err(error)).await,
    }
}

/// Exports all users, and records that, because anyone who has the hashes can guess passwords.
async fn export_users(command: Export, users: &Accounts, target: &Target, output: Output) -> anyhow::Result<()> {
    let event = AuditEvent::new(Event::OperatorUsersExported);
    let act = Act::begin(event, &command.recording, target).await?;
    let exported = act.end(export::run(&command, users, output).await).await?;
    exported.map_or(Ok(()), |exported| output::print_row(&exported, output))
}
