//! Where the users, sessions and keys are that a command is about.

use anyhow::Context as _;
use auth::{
    accounts::{ExportError, UserError},
    error::StoreError,
    session::SessionError,
};
use config::{ConfigError, Environment};
use store::{
    Accounts, Aws, Client, CredentialsTable, Epochs, FeedTable, KeyFile, NetworkFault, Patience, PublicKeyTable,
    Secret, SessionTable, UserTable,
};

use crate::{
    arguments::{KeySetName, Target},
    clock::ServiceClock,
    key_store::KeyStore,
};

/// The users and the feed, which is told of what an operator takes from them.
#[derive(Debug)]
pub(crate) struct UserStores {
    pub(crate) users: Accounts,
    pub(crate) feed: FeedTable,
}

impl UserStores {
    /// The clock of these tables.
    pub(crate) async fn clock(&self) -> anyhow::Result<ServiceClock> {
        Ok(ServiceClock::new(self.users.server_time().await?))
    }
}

/// The same with the sessions.
#[derive(Debug)]
pub(crate) struct SessionStores {
    pub(crate) users: Accounts,
    pub(crate) sessions: SessionTable,
    pub(crate) epochs: Epochs,
    pub(crate) feed: FeedTable,
}

impl SessionStores {
    /// The clock of these tables.
    pub(crate) async fn clock(&self) -> anyhow::Result<ServiceClock> {
        Ok(ServiceClock::new(self.users.server_time().await?))
    }
}

/// The tables that the command line names.
pub(crate) async fn user_stores(target: &Target) -> anyhow::Result<UserStores> {
    let (users, credentials, feed) = (target.users()?, target.password_record()?, target.feed()?);
    let client = client(target).await?;
    Ok(UserStores {
        users: Accounts::new(
            UserTable::new(client.clone(), users),
            CredentialsTable::new(client.clone(), credentials),
        ),
        feed: FeedTable::new(client, feed),
    })
}

/// The tables that the command line names.
pub(crate) async fn session_stores(target: &Target) -> anyhow::Result<SessionStores> {
    let (users, credentials) = (target.users()?, target.password_record()?);
    let (sessions, feed) = (target.sessions()?, target.feed()?);
    let client = client(target).await?;
    let users = UserTable::new(client.clone(), users);
    let sessions = SessionTable::new(client.clone(), sessions);
    Ok(SessionStores {
        epochs: Epochs::new(client.clone(), users.clone(), sessions.clone()),
        feed: FeedTable::new(client.clone(), feed),
        users: Accounts::new(users, CredentialsTable::new(client, credentials)),
        sessions,
    })
}

/// The table of public keys that the command line names.
pub(crate) async fn public_keys(target: &Target) -> anyhow::Result<PublicKeyTable> {
    let name = target.public_keys()?;
    Ok(PublicKeyTable::new(client(target).await?, name))
}

/// The key set that the command line names.
pub(crate) async fn key_store(set: KeySetName, target: &Target) -> anyhow::Result<KeyStore> {
    if target.local {
        let name = match set {
            KeySetName::Access => "access-keys.json",
            KeySetName::Refresh => "refresh-keys.json",
        };
        return Ok(KeyStore::File(KeyFile::new(target.keys().join(name))));
    }
    let name = target.secret(set)?;
    let aws = Aws::of_environment().await?.with_patience(Patience::of_operator());
    Ok(KeyStore::Secret(Secret::new(aws.secrets_manager(), name)))
}

async fn client(target: &Target) -> anyhow::Result<Client> {
    let aws = if target.local {
        Aws::local(
            &format!("http://127.0.0.1:{}", target.database_port),
            "http://localhost:0",
        )?
    } else {
        Aws::of_environment().await?
    };
    Ok(aws.with_patience(Patience::of_operator()).dynamodb())
}

/// A table: what the local stack calls it, how else it may be named, and what to say when it is not.
struct Named<'a> {
    local: &'static str,
    option: Option<&'a String>,
    variable: fn(&Environment) -> Result<String, ConfigError>,
    missing: &'static str,
}

impl Target {
    fn users(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "UsersTable",
            option: self.users_table.as_ref(),
            variable: Environment::users_table,
            missing: "which users? say --local, or --users-table with the stack's output UsersTable",
        })
    }

    fn password_record(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "CredentialsTable",
            option: self.credentials_table.as_ref(),
            variable: Environment::credentials_table,
            missing: "which credentials? say --local, or --credentials-table with the stack's output CredentialsTable",
        })
    }

    fn sessions(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "RefreshTokensTable",
            option: self.refresh_tokens_table.as_ref(),
            variable: Environment::refresh_tokens_table,
            missing: "which sessions? say --local, or --refresh-tokens-table with the stack's output RefreshTokensTable",
        })
    }

    fn feed(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "AuthorizerFeed",
            option: self.authorizer_feed_table.as_ref(),
            variable: Environment::authorizer_feed_table,
            missing: "which feed? say --local, or --authorizer-feed-table with the stack's output AuthorizerFeed",
        })
    }

    fn public_keys(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "PublicKeysTable",
            option: self.public_keys_table.as_ref(),
            variable: Environment::public_keys_table,
            missing: "which public keys? say --local, or --public-keys-table with the stack's output PublicKeysTable",
        })
    }

    fn secret(&self, set: KeySetName) -> anyhow::Result<String> {
        let environment = Environment::of_process();
        let (given, variable, missing) = match set {
            KeySetName::Access => (
                self.access_keys_secret.clone(),
                environment.access_keys_secret(),
                "which keys? say --local, or --access-keys-secret with the stack's output AccessKeysSecret",
            ),
            KeySetName::Refresh => (
                self.refresh_keys_secret.clone(),
                environment.refresh_keys_secret(),
                "which keys? say --local, or --refresh-keys-secret with the stack's output RefreshKeysSecret",
            ),
        };
        given.or_else(|| variable.ok()).context(missing)
    }

    fn table(&self, named: &Named<'_>) -> anyhow::Result<String> {
        if self.local {
            return Ok(named.local.to_owned());
        }
        let given = named.option.cloned();
        given
            .or_else(|| (named.variable)(&Environment::of_process()).ok())
            .context(named.missing)
    }
}

/// Adds to an error what to look at, where the store did not do what it was asked.
pub(crate) fn explain(error: anyhow::Error, target: &Target) -> anyhow::Error {
    let Some(StoreError::Unavailable { cause, .. }) = store_error(&error) else {
        return error;
    };
    let hint = match (target.local, NetworkFault::of_words(cause)) {
        (true, Some(NetworkFault::Refused)) => "no answer from the local stack: is `cargo dev` running?",
        (true, _) => "no good answer from the local stack",
        (false, Some(NetworkFault::Dns)) => {
            "the AWS account could not be reached: is there a network, and is AWS_REGION the name of a region?"
        }
        (false, Some(_)) => "the AWS account could not be reached over this network: run this again",
        (false, None) => {
            "no good answer from the AWS account of the environment: does it have the region and the credentials that \
             `aws configure export-credentials --format env` prints?"
        }
    };
    error.context(hint)
}

fn store_error(error: &anyhow::Error) -> Option<&StoreError> {
    let of_user = error.downcast_ref().map(|error| match error {
        UserError::Store(cause) => Some(cause),
        UserError::AddressTaken | UserError::Unknown | UserError::TooLong { .. } | UserError::Hash(_) => None,
    });
    let of_session = error.downcast_ref().map(|error| match error {
        SessionError::Store(cause) => Some(cause),
        SessionError::Unknown => None,
    });
    let of_export = error.downcast_ref().map(|error| match error {
        ExportError::Store(cause) => Some(cause),
        ExportError::NoCredentials { .. } => None,
    });
    let of_use_case = of_user.or(of_session).or(of_export).flatten();
    of_use_case.or_else(|| error.downcast_ref())
}
