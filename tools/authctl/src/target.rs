//! The tables and secrets that a command works on.

use config::{ConfigError, Environment};
use store::{
    Accounts, Attempts, Aws, Client, CredentialsTable, Epochs, FactorChanges, FactorTable, FeedTable, KeyFile,
    MailTable, Patience, PublicKeyTable, Secret, SessionTable, UserTable,
};

use crate::{
    arguments::Target, aws::Session, clock::ServiceClock, failure::NotThere, key::KeySetName, key_store::KeyStore,
    local_stack, network::Web,
};

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
    match set {
        KeySetName::Access => target.access_keys().await,
        KeySetName::Refresh => target.refresh_keys().await,
    }
}

/// Returns the table of attempts of the target.
pub(crate) async fn attempts(target: &Target) -> anyhow::Result<Attempts> {
    let name = target.attempts()?;
    Ok(Attempts::new(client(target).await?, name))
}

/// Returns the table of second factors of the target.
pub(crate) async fn factor_table(target: &Target) -> anyhow::Result<FactorTable> {
    let name = target.factors()?;
    Ok(FactorTable::new(client(target).await?, name))
}

/// Returns the tables that a reset of second factors writes to.
pub(crate) async fn factor_changes(target: &Target) -> anyhow::Result<FactorChanges> {
    let (users, sessions, outbox) = (target.users()?, target.sessions()?, target.optional_mails()?);
    let (factors, client) = (factor_table(target).await?, client(target).await?);
    Ok(FactorChanges::new(
        factors,
        UserTable::new(client.clone(), users),
        SessionTable::new(client.clone(), sessions),
        outbox.map(|name| MailTable::new(client, name)),
    ))
}

/// Returns the table of requested mails of the target.
pub(crate) async fn mail_table(target: &Target) -> anyhow::Result<MailTable> {
    let name = target.mails()?;
    Ok(MailTable::new(client(target).await?, name))
}

async fn client(target: &Target) -> anyhow::Result<Client> {
    if !target.local {
        return Ok(target.session().await?.aws.dynamodb());
    }
    let engine = format!("http://127.0.0.1:{}", target.database_port);
    let aws = Aws::local(&engine, "http://localhost:0").with_patience(Patience::for_operator());
    Ok(aws.dynamodb())
}

/// A table or a secret: its name or its file in the local stack, its option and variable, and the error if both are
/// missing.
struct Named<'a> {
    local: &'static str,
    option: Option<&'a String>,
    variable: fn(&Environment) -> Result<String, ConfigError>,
    missing: &'static str,
}

impl Target {
    /// Returns the access to AWS.
    ///
    /// # Errors
    /// If no region is configured.
    pub(crate) async fn session(&self) -> anyhow::Result<&Session> {
        let open = || Session::open(self.profile.clone(), self.region.clone());
        self.session.get_or_try_init(open).await
    }

    /// Returns the access to AWS, or `None` if the command has not needed it.
    pub(crate) fn opened(&self) -> Option<&Session> {
        self.session.get()
    }

    /// Returns where the command works, for a question to the operator.
    pub(crate) fn place(&self) -> String {
        match &self.stack {
            _ if self.local => "the local stack".to_owned(),
            Some(stack) => format!("the stack {stack}"),
            None => "the stack of the environment".to_owned(),
        }
    }

    /// Returns the URL of the service: the given one, or else the issuer of the stack, whose own URL may be closed, or
    /// else that of the local stack, whose port follows from that of its database.
    pub(crate) fn api_url(&self, given: Option<&str>) -> String {
        let of_stack = || self.deployment.as_ref()?.outputs.get("Issuer").cloned();
        let url = given.map(str::to_owned).or_else(of_stack);
        let url = url.unwrap_or_else(|| local_stack::url(self.local_folder().ok().as_deref(), self.api_port()));
        url.trim_end_matches('/').to_owned()
    }

    /// Returns a client of the service, which also trusts the authority of the local stack.
    ///
    /// # Errors
    /// If the certificates of this authority or of `AWS_CA_BUNDLE` cannot be read.
    pub(crate) fn web(&self) -> anyhow::Result<Web> {
        let folder = self.local.then(|| self.local_folder().ok()).flatten();
        let authority = folder.and_then(|folder| local_stack::authority(&folder));
        Web::open(authority.as_deref())
    }

    fn users(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "UsersTable",
            option: self.users_table.as_ref(),
            variable: Environment::users_table,
            missing: "no users table: pass --stack <name>, --local or --users-table <name> (stack output UsersTable)",
        })
    }

    fn password_record(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "CredentialsTable",
            option: self.credentials_table.as_ref(),
            variable: Environment::credentials_table,
            missing: "no credentials table: pass --stack <name>, --local or --credentials-table <name> \
                      (stack output CredentialsTable)",
        })
    }

    fn sessions(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "RefreshTokensTable",
            option: self.refresh_tokens_table.as_ref(),
            variable: Environment::refresh_tokens_table,
            missing: "no sessions table: pass --stack <name>, --local or --refresh-tokens-table <name> (stack output \
                      RefreshTokensTable)",
        })
    }

    fn feed(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "AuthorizerFeed",
            option: self.authorizer_feed_table.as_ref(),
            variable: Environment::authorizer_feed_table,
            missing: "no feed table: pass --stack <name>, --local or --authorizer-feed-table <name> \
                      (stack output AuthorizerFeed)",
        })
    }

    fn public_keys(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "PublicKeysTable",
            option: self.public_keys_table.as_ref(),
            variable: Environment::public_keys_table,
            missing: "no public keys table: pass --stack <name>, --local or --public-keys-table <name> \
                      (stack output PublicKeysTable)",
        })
    }

    fn attempts(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "AttemptsTable",
            option: self.attempts_table.as_ref(),
            variable: Environment::attempts_table,
            missing: "no attempts table: pass --stack <name>, --local or --attempts-table <name> (stack output AttemptsTable)",
        })
    }

    fn factors(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "FactorsTable",
            option: self.factors_table.as_ref(),
            variable: Environment::factors_table,
            missing: "no second factors table: pass --stack <name>, --local or --factors-table <name> \
                      (stack output FactorsTable)",
        })
    }

    /// Returns the name of the table of requested mails, or `None` if the stack has none.
    fn optional_mails(&self) -> anyhow::Result<Option<String>> {
        if self.local || self.mail_table.is_some() {
            return self.mails().map(Some);
        }
        if self.stack.is_some() {
            return Ok(None);
        }
        Ok(Environment::from_process().optional_mail_table()?)
    }

    fn mails(&self) -> anyhow::Result<String> {
        self.table(&Named {
            local: "MailTable",
            option: self.mail_table.as_ref(),
            variable: Environment::mail_table,
            missing: "no mail table: pass --stack <name>, --local or --mail-table <name> \
                      (stack output MailTable); without this output, this stack sends no mail: deploy it with MailVia",
        })
    }

    /// Returns the name of the operators' log group.
    pub(crate) fn operators_log(&self) -> anyhow::Result<String> {
        let named = Named {
            local: "operators.log",
            option: self.operators_log.as_ref(),
            variable: Environment::operators_log,
            missing: "no operators' log: pass --stack <name>, --local or --operators-log <name> (stack output OperatorsLog)",
        };
        Ok(named.given(self)?)
    }

    async fn access_keys(&self) -> anyhow::Result<KeyStore> {
        self.secret(&Named {
            local: "access-keys.json",
            option: self.access_keys_secret.as_ref(),
            variable: Environment::access_keys_secret,
            missing: "no access keys secret: pass --stack <name>, --local or --access-keys-secret <name> (stack output \
                      AccessKeysSecret)",
        })
        .await
    }

    async fn refresh_keys(&self) -> anyhow::Result<KeyStore> {
        self.secret(&Named {
            local: "refresh-keys.json",
            option: self.refresh_keys_secret.as_ref(),
            variable: Environment::refresh_keys_secret,
            missing: "no refresh keys secret: pass --stack <name>, --local or --refresh-keys-secret <name> \
                      (stack output \
                      RefreshKeysSecret)",
        })
        .await
    }

    /// Returns the store of the keys that seal addresses.
    pub(crate) async fn mail_key(&self) -> anyhow::Result<KeyStore> {
        self.secret(&Named {
            local: "mail-key.json",
            option: self.mail_key_secret.as_ref(),
            variable: Environment::mail_key_secret,
            missing: "no mail key secret: pass --stack <name>, --local or --mail-key-secret <name> \
                      (stack output MailKeySecret)",
        })
        .await
    }

    /// Returns the store of the pseudonym key.
    pub(crate) async fn pseudonym_key(&self) -> anyhow::Result<KeyStore> {
        self.secret(&Named {
            local: "pseudonym-key.txt",
            option: self.pseudonym_key_secret.as_ref(),
            variable: Environment::pseudonym_key_secret,
            missing: "no pseudonym key secret: pass --stack <name>, --local or --pseudonym-key-secret <name> \
                      (stack output \
                      PseudonymKeySecret)",
        })
        .await
    }

    async fn secret(&self, named: &Named<'_>) -> anyhow::Result<KeyStore> {
        if self.local {
            return Ok(KeyStore::File(KeyFile::new(self.keys()?.join(named.local))));
        }
        let name = named.given(self)?;
        let aws = &self.session().await?.aws;
        Ok(KeyStore::Secret(Secret::new(aws.secrets_manager(), name)))
    }

    fn table(&self, named: &Named<'_>) -> anyhow::Result<String> {
        if self.local {
            return Ok(named.local.to_owned());
        }
        Ok(named.given(self)?)
    }
}

impl Named<'_> {
    /// Returns the name from the option, which may come from the stack, or else from the variable. The variables may be
    /// those of another stack than the given one.
    fn given(&self, target: &Target) -> Result<String, NotThere> {
        let given = self.option.cloned();
        let given = given.or_else(|| match target.stack {
            Some(_) => None,
            None => (self.variable)(&Environment::from_process()).ok(),
        });
        given.ok_or_else(|| NotThere(self.missing.to_owned()))
    }
}
