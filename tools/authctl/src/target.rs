//! Where the users and sessions are that a command is about.

use anyhow::Context as _;
use auth::{SessionError, StoreError, UserError};
use config::Environment;
use store::{Client, Epochs, FeedTable, SessionTable, UserTable};

use crate::arguments::Target;

/// The tables of the local stack.
const LOCAL_USERS: &str = "UsersTable";
const LOCAL_SESSIONS: &str = "RefreshTokensTable";
const LOCAL_FEED: &str = "AuthorizerFeed";

/// The users and the feed, which is told of what an operator takes from them.
#[derive(Debug)]
pub(crate) struct UserStores {
    pub(crate) users: UserTable,
    pub(crate) feed: FeedTable,
}

/// The same with the sessions.
#[derive(Debug)]
pub(crate) struct SessionStores {
    pub(crate) users: UserTable,
    pub(crate) sessions: SessionTable,
    pub(crate) epochs: Epochs,
    pub(crate) feed: FeedTable,
}

/// The tables that the command line names.
pub(crate) async fn user_stores(target: &Target) -> anyhow::Result<UserStores> {
    let client = client(target).await?;
    Ok(UserStores {
        users: UserTable::new(client.clone(), users_name(target)?),
        feed: FeedTable::new(client, feed_name(target)?),
    })
}

/// The tables that the command line names.
pub(crate) async fn session_stores(target: &Target) -> anyhow::Result<SessionStores> {
    let client = client(target).await?;
    let users = UserTable::new(client.clone(), users_name(target)?);
    let sessions = SessionTable::new(client.clone(), sessions_name(target)?);
    Ok(SessionStores {
        epochs: Epochs::new(client.clone(), users.clone(), sessions.clone()),
        feed: FeedTable::new(client, feed_name(target)?),
        users,
        sessions,
    })
}

/// The feed that the command line names.
pub(crate) async fn feed(target: &Target) -> anyhow::Result<FeedTable> {
    Ok(FeedTable::new(client(target).await?, feed_name(target)?))
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

fn feed_name(target: &Target) -> anyhow::Result<String> {
    if target.local {
        return Ok(LOCAL_FEED.to_owned());
    }
    let given = target.authorizer_feed_table.clone();
    given
        .or_else(|| Environment::of_process().authorizer_feed_table().ok())
        .context("which feed? say --local, or --authorizer-feed-table with the stack's output AuthorizerFeed")
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
