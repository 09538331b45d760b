//! `authctl user` adds, invites, shows, changes, unlocks, deletes, imports and exports users.

mod arguments;
mod column;
mod export;
mod import;
mod list;
mod mail;
mod persistence;
mod show;
mod unlock;
mod value;

use auth::{
    accounts::Invitation,
    factor::FindFactors as _,
    user::{NewUser, User},
};
use claims::Clock as _;
use runtime::{AuditEvent, Event};
use store::Accounts;

pub(crate) use self::arguments::{LetterLanguage, UserCommand};
use self::{
    arguments::{Export, Import},
    unlock::Lock,
};
use crate::{
    arguments::{Output, Target},
    confirmation::Confirmation,
    named_user::{FoundUser, NamedUser},
    operator::{Act, Recording},
    output::{self, FactorsRow, UserRow},
    password::{NewPassword, PasswordSource, hasher, new_password},
    target::{self, UserStores},
};

/// The reason that stays with a user whose factors were reset, if none was given on a local stack.
const LOCAL: &str = "none: on a local stack";

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
        UserCommand::Show { user } => return show::run(&user, target, output).await,
        UserCommand::SetRole { user, role, recording } => {
            let FoundUser { email, user } = user.find(users).await?;
            let event = about(Event::OperatorRoleSet, &user).field("role", role.as_str());
            let clock = clock().await?;
            let act = Act::begin(event, &recording, target).await?;
            act.end(auth::accounts::set_role(&email, role, &clock, users, feed).await)
                .await?
        }
        UserCommand::SetScope { user, scope, recording } => {
            let FoundUser { email, user } = user.find(users).await?;
            let event = about(Event::OperatorScopeSet, &user).field("scope", scope.as_str());
            let clock = clock().await?;
            let act = Act::begin(event, &recording, target).await?;
            act.end(auth::accounts::set_scope(&email, scope, &clock, users, feed).await)
                .await?
        }
        UserCommand::SetClaims {
            user,
            claims,
            recording,
        } => {
            let FoundUser { email, user } = user.find(users).await?;
            let clock = clock().await?;
            let act = Act::begin(about(Event::OperatorClaimsSet, &user), &recording, target).await?;
            act.end(auth::accounts::set_custom_claims(&email, claims, &clock, users, feed).await)
                .await?
        }
        UserCommand::SetEmail { user, new, recording } => {
            let FoundUser { email, user } = user.find(users).await?;
            let clock = clock().await?;
            let act = Act::begin(about(Event::OperatorAddressSet, &user), &recording, target).await?;
            act.end(auth::accounts::set_email(&email, &new, &clock, users, feed).await)
                .await?
        }
        UserCommand::Unlock { user, what, recording } => {
            let FoundUser { email, user } = user.find(users).await?;
            let lock = Lock::find(&email, target).await?;
            let event = about(Event::OperatorUserUnlocked, &user).field("what", what.as_str());
            let act = Act::begin(event, &recording, target).await?;
            act.end(lock.open(&user.id, what).await).await?;
            user
        }
        UserCommand::Delete {
            user,
            confirmation,
            recording,
        } => {
            let recording = recording.with_reason(target)?;
            let sessions = target::session_stores(target).await?.sessions;
            let factors = target::factor_table(target).await?;
            let FoundUser { email, user } = user.find(users).await?;
            confirmation.ask(&change(&user, "deletes", "and ends all their sessions", target))?;
            let now = now().await?;
            let act = Act::begin(about(Event::OperatorUserDeleted, &user), &recording, target).await?;
            act.end(auth::accounts::delete_user(&email, now, users, &sessions, &factors, feed).await)
                .await?
        }
        UserCommand::Factors { user } => {
            let FoundUser { user, .. } = user.find(users).await?;
            let factors = target::factor_table(target).await?.factors(&user.id).await?;
            return output::print_row(&FactorsRow::new(&user, &factors)?, output);
        }
        UserCommand::ResetFactors {
            user,
            confirmation,
            recording,
        } => {
            let recording = recording.with_reason(target)?;
            let changes = target::factor_changes(target).await?;
            let FoundUser { email, user } = user.find(users).await?;
            confirmation.ask(&change(
                &user,
                "removes the second factors of",
                "and ends all their sessions",
                target,
            ))?;
            let (reason, now) = (recording.reason().unwrap_or(LOCAL), now().await?);
            let act = Act::begin(about(Event::OperatorFactorsReset, &user), &recording, target).await?;
            act.end(auth::factor::reset_factors(&user.id, reason, now, &changes, feed).await)
                .await?;
            auth::accounts::find_user(&email, users).await?
        }
        UserCommand::Disable {
            user,
            confirmation,
            recording,
        } => {
            let recording = recording.with_reason(target)?;
            let FoundUser { email, user } = user.find(users).await?;
            confirmation.ask(&change(
                &user,
                "disables the login of",
                "and ends all their sessions",
                target,
            ))?;
            let now = now().await?;
            let act = Act::begin(about(Event::OperatorUserDisabled, &user), &recording, target).await?;
            act.end(auth::accounts::disable_user(&email, now, users, feed).await)
                .await?
        }
        UserCommand::Enable { user, recording } => {
            let FoundUser { email, user } = user.find(users).await?;
            let act = Act::begin(about(Event::OperatorUserEnabled, &user), &recording, target).await?;
            act.end(auth::accounts::enable_user(&email, users).await).await?
        }
        UserCommand::Add {
            email,
            role,
            scope,
            password,
            recording,
        } => {
            let NewPassword { password, generated } = new_password(password, &email)?;
            let event = AuditEvent::new(Event::OperatorUserAdded).field("role", role.as_str());
            let event = event.field("scope", scope.as_str());
            let (new, now, hasher) = (NewUser { email, role, scope }, now().await?, hasher()?);
            generated.show(output)?;
            let act = Act::begin(event, &recording, target).await?;
            let added = auth::accounts::add_user(new, &password, now, rng, &hasher, users).await;
            let user = act.end_with(added, |event, user| event.user(&user.id)).await?;
            return generated.print_row(UserRow::new(&user)?, output);
        }
        UserCommand::SetPassword {
            user,
            password,
            confirmation,
            recording,
        } => {
            let recording = recording.with_reason(target)?;
            return set_password(&user, password, confirmation, &recording, stores, target, output).await;
        }
    };
    output::print_row(&UserRow::new(&user)?, output)
}

/// Replaces a user's password and prints the user.
async fn set_password(
    name: &NamedUser,
    source: PasswordSource,
    confirmation: Confirmation,
    recording: &Recording,
    stores: &UserStores,
    target: &Target,
    output: Output,
) -> anyhow::Result<()> {
    let UserStores { users, feed } = stores;
    let FoundUser { email, user } = name.find(users).await?;
    confirmation.ask(&change(
        &user,
        "replaces the password of",
        "and ends all their sessions",
        target,
    ))?;
    let NewPassword { password, generated } = new_password(source, &email)?;
    let (now, rng, hasher) = (stores.clock().await?.now(), &mut config::random(), hasher()?);
    generated.show(output)?;
    let act = Act::begin(about(Event::OperatorPasswordSet, &user), recording, target).await?;
    let set = auth::accounts::set_password(&email, &password, now, rng, &hasher, users, feed).await;
    let user = act.end(set).await?;
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
