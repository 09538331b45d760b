//! The tables and secrets that a command works on.

use anyhow::Context as _;
use auth::{
    accounts::{ExportError, UserError},
    error::StoreError,
    session::SessionError,
};
use config::{ConfigError, Environment};
use rotation::{ChangeError, PublishError};
use store::{
    Accounts, Aws, Client, CredentialsTable, Epochs, FeedTable, KeyFile, NetworkFault, Patience, PublicKeyTable,
    Secret, SessionTable, UserTable,
};

use crate::{arguments::Target, clock::ServiceClock, key::KeySetName, key_store::KeyStore};

/// The users, and the feed that announces what an operator revokes.
#[derive(Debug)]
pub(crate) struct UserStores {
    pub(crate) users: Accounts,
    pub(crate) feed: FeedTable,
}

impl UserStores {
    /// Returns the clock of DynamoDB, which holds these tables.
    pub(crate) async fn clock(&self) -> anyhow::Result<ServiceClock> {
        Ok(ServiceClock::new(self.users.server_time().await?))
    }
}

/// The users, their sessions and epochs, and the feed that announces what an operator revokes.
#[derive(Debug)]
pub(crate) struct SessionStores {
    pub(crate) users: Accounts,
    pub(crate) sessions: SessionTable,
    pub(crate) epochs: Epochs,
    pub(crate) feed: FeedTable,
}

impl SessionStores {
    /// Returns the clock of DynamoDB, which holds these tables.
    pub(crate) async fn clock(&self) -> anyhow::Result<ServiceClock> {
        Ok(ServiceClock::new(self.users.server_time().await?))
    }
}

/// Returns the users and the feed of the target.
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

/// Returns the users, the sessions and the feed of the target.
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

/// Returns the public keys table of the target.
pub(crate) async fn public_keys(target: &Target) -> anyhow::Result<PublicKeyTable> {
    let name = target.public_keys()?;
    Ok(PublicKeyTable::new(client(target).await?, name))
}

/// Returns the store of a key set of the target.
pub(crate) async fn key_store(set: KeySetName, target: &Target) -> anyhow::Result<KeyStore> {
    if target.local {
        let name = match set {
            KeySetName::Access => "access-keys.json",
            KeySetName::Refresh => "refresh-keys.json",
        };
        return Ok(KeyStore::File(KeyFile::new(target.keys().join(name))));
    }
    let name = target.secret(set)?;
    let aws = Aws::from_default_chain().await?;
    Ok(KeyStore::Secret(Secret::new(aws.secrets_manager(), name)))
}

async fn client(target: &Target) -> anyhow::Result<Client> {
    let aws = if target.local {
        Aws::local(
            &format!("http://127.0.0.1:{}", target.database_port),
            "http://localhost:0",
        )
        .with_patience(Patience::for_operator())
    } else {
        Aws::from_default_chain().await?
    };
    Ok(aws.dynamodb())
}

/// A table: its name in the local stack, its option and variable, and the error if both are missing.
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
            missing: "no users table: pass --local or --users-table <name> (stack output UsersTable)",
        })
    }

    fn password_record(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "CredentialsTable",
            option: self.credentials_table.as_ref(),
            variable: Environment::credentials_table,
            missing: "no credentials table: pass --local or --credentials-table <name> (stack output CredentialsTable)",
        })
    }

    fn sessions(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "RefreshTokensTable",
            option: self.refresh_tokens_table.as_ref(),
            variable: Environment::refresh_tokens_table,
            missing: "no sessions table: pass --local or --refresh-tokens-table <name> (stack output \
                      RefreshTokensTable)",
        })
    }

    fn feed(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "AuthorizerFeed",
            option: self.authorizer_feed_table.as_ref(),
            variable: Environment::authorizer_feed_table,
            missing: "no feed table: pass --local or --authorizer-feed-table <name> (stack output AuthorizerFeed)",
        })
    }

    fn public_keys(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "PublicKeysTable",
            option: self.public_keys_table.as_ref(),
            variable: Environment::public_keys_table,
            missing: "no public keys table: pass --local or --public-keys-table <name> (stack output PublicKeysTable)",
        })
    }

    fn secret(&self, set: KeySetName) -> anyhow::Result<String> {
        let environment = Environment::from_process();
        let (given, variable, missing) = match set {
            KeySetName::Access => (
                self.access_keys_secret.clone(),
                environment.access_keys_secret(),
                "no access keys secret: pass --local or --access-keys-secret <name> (stack output AccessKeysSecret)",
            ),
            KeySetName::Refresh => (
                self.refresh_keys_secret.clone(),
                environment.refresh_keys_secret(),
                "no refresh keys secret: pass --local or --refresh-keys-secret <name> (stack output RefreshKeysSecret)",
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
            .or_else(|| (named.variable)(&Environment::from_process()).ok())
            .context(named.missing)
    }
}

/// Adds a hint for the operator to an error that says that the store is unavailable. Returns other errors unchanged.
pub(crate) fn explain(error: anyhow::Error, target: &Target) -> anyhow::Error {
    let Some(StoreError::Unavailable { cause, .. }) = store_error(&error) else {
        return error;
    };
    let hint = match (target.local, NetworkFault::from_text(cause)) {
        (true, Some(NetworkFault::Refused)) => "no answer from the local stack: is `cargo dev` running?",
        (true, _) => "the request to the local stack failed",
        (false, Some(NetworkFault::Dns)) => "cannot reach AWS: check the network, and that AWS_REGION names a region",
        (false, Some(_)) => "cannot reach AWS over this network: run this again",
        (false, None) => {
            "the request to AWS failed: check that the environment has the region, and the credentials that `aws \
            configure export-credentials --format env` prints"
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
    let of_change = error.downcast_ref().map(|error| match error {
        ChangeError::Overtaken(cause) | ChangeError::Store(cause) => Some(cause),
        ChangeError::NoKeys
        | ChangeError::UnknownAlgorithm
        | ChangeError::Invalid(_)
        | ChangeError::Key(_)
        | ChangeError::Withdrawal(_) => None,
    });
    let of_publication = error.downcast_ref().map(|error| match error {
        PublishError::Store(cause) => Some(cause),
        PublishError::Invalid(_) => None,
    });
    let of_use_case = of_user.or(of_session).or(of_export).or(of_change).or(of_publication);
    let of_use_case = of_use_case.flatten();
    of_use_case.or_else(|| error.downcast_ref())
}
