//! Where the users and sessions are that a command is about.

use anyhow::Context as _;
use auth::{SessionError, StoreError, UserError};
use config::Environment;
use store::{Client, Epochs, SessionTable, UserTable};

use crate::arguments::Target;

/// The tables of the local stack.
const LOCAL_USERS: &str = "UsersTable";
const LOCAL_SESSIONS: &str = "RefreshTokensTable";

/// The tables, where a command needs more than the users'.
#[derive(Debug)]
pub(crate) struct Stores {
    pub(crate) users: UserTable,
    pub(crate) sessions: SessionTable,
    pub(crate) epochs: Epochs,
}

/// The table of users that the command line names.
pub(crate) async fn users(target: &Target) -> anyhow::Result<UserTable> {
    Ok(UserTable::new(client(target).await?, users_name(target)?))
}

/// Both tables that the command line names.
pub(crate) async fn stores(target: &Target) -> anyhow::Result<Stores> {
    let client = client(target).await?;
    let users = UserTable::new(client.clone(), users_name(target)?);
    let sessions = SessionTable::new(client.clone(), sessions_name(target)?);
    Ok(Stores {
        epochs: Epochs::new(client, users.clone(), sessions.clone()),
        users,
        sessions,
    })
}

async fn client(target: &Target) -> anyhow::Result<Client> {
    Ok(if target.local {
        store::local_client(&format!("http://127.0.0.1:{}", target.database_port))?
    } else {
        store::client().await?
    })
}

fn users_name(target: &Target) -> anyhow::Result<String> {
    if target.local {
        return Ok(LOCAL_USERS.to_owned());
    }
    let given = target.users_table.clone();
    given
        .or_else(|| Environment::of_process().users_table().ok())
        .context("which users? say --local, or --users-table with the stack's output UsersTable")
}

fn sessions_name(target: &Target) -> anyhow::Result<String> {
    if target.local {
        return Ok(LOCAL_SESSIONS.to_owned());
    }
    let given = target.refresh_tokens_table.clone();
    given
        .or_else(|| Environment::of_process().refresh_tokens_table().ok())
        .context("which sessions? say --local, or --refresh-tokens-table with the stack's output RefreshTokensTable")
}

/// Adds to an error what to look at, where the store did not do what it was asked.
pub(crate) fn explain(error: anyhow::Error, target: &Target) -> anyhow::Error {
    if !is_unavailable(&error) {
        return error;
    }
    error.context(if target.local {
        "no answer from the local stack: is `cargo dev` running?"
    } else {
        "no good answer from the AWS account of the environment: does it have the region and the credentials that \
         `aws configure export-credentials --format env` prints?"
    })
}

fn is_unavailable(error: &anyhow::Error) -> bool {
    let of_user = error.downcast_ref().map(|error| match error {
        UserError::Store(cause) => Some(cause),
        UserError::AddressTaken | UserError::Unknown | UserError::TooLong { .. } | UserError::Hash(_) => None,
    });
    let of_session = error.downcast_ref().map(|error| match error {
        SessionError::Store(cause) => Some(cause),
        SessionError::Unknown => None,
    });
    let cause = of_user.or(of_session).flatten().or_else(|| error.downcast_ref());
    matches!(cause, Some(StoreError::Unavailable { .. }))
}
