//! Where the users are that a command is about.

use anyhow::Context as _;
use auth::{StoreError, UserError};
use config::Environment;
use store::UserTable;

use crate::arguments::Target;

/// The table of the local stack.
const LOCAL_TABLE: &str = "UsersTable";

/// The table of users that the command line names.
pub(crate) async fn users(target: &Target) -> anyhow::Result<UserTable> {
    if target.local {
        let endpoint = format!("http://127.0.0.1:{}", target.database_port);
        return Ok(UserTable::new(store::local_client(&endpoint)?, LOCAL_TABLE.to_owned()));
    }
    let table = target
        .users_table
        .clone()
        .or_else(|| Environment::of_process().users_table().ok())
        .context("which users? say --local, or --users-table with the stack's output UsersTable")?;
    let client = store::client().await?;
    Ok(UserTable::new(client, table))
}

/// Adds to an error what to look at, where the store did not do what it was asked.
pub(crate) fn explain(error: anyhow::Error, target: &Target) -> anyhow::Error {
    match error.downcast_ref() {
        Some(UserError::Store(StoreError::Unavailable { .. })) if target.local => {
            error.context("no answer from the local stack: is `cargo dev` running?")
        }
        Some(UserError::Store(StoreError::Unavailable { .. })) => error.context(
            "no good answer from the AWS account of the environment: does it have the region and the credentials that \
             `aws configure export-credentials --format env` prints?",
        ),
        _ => error,
    }
}
