//! The embedded DynamoDB on its own core, with users.

use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc},
    thread,
};

use anyhow::Context as _;
use auth::{
    accounts::{ImportedUser, UserRecord},
    keys::PublishKeys as _,
    password::{HashCost, Hasher, Password, PasswordHash, Salt},
    user::{Email, NewUser},
};
use claims::Clock as _;
use config::SystemClock;
use engine::Engine;
use local::Template;
use store::PublicKeyTable;
use tests::template;
use tokio::runtime::{Builder, Handle};

use crate::machine;

/// The password of every user.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A running engine, which ends with this process.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    engine: Arc<Engine>,
    runtime: Handle,
    template: Arc<Template>,
    /// The hash of every user's password.
    hash: PasswordHash,
}

impl Store {
    /// Starts an engine with the template's tables and the tests' public keys.
    ///
    /// # Errors
    /// If the engine does not start, or the keys or the password's hash cannot be stored.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let (send, receive) = mpsc::channel();
        thread::spawn(move || -> anyhow::Result<()> {
            machine::leave_core();
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let store = runtime.block_on(Self::make());
            send.send(store)?;
            runtime.block_on(std::future::pending::<()>());
            Ok(())
        });
        receive.recv().context("the store did not start")?
    }

    async fn make() -> anyhow::Result<Self> {
        // The embedded engine reads all records of a table's stream for each write, so the users have no stream.
        let template = template(&[("EventBus", "")]);
        let engine = Engine::start(&template).await;
        let keys = PublicKeyTable::new(engine.client(), engine.table("PublicKeysTable"));
        keys.publish(&tests::jwks()).await?;
        let (password, salt) = (Password::parse(PASSWORD)?, Salt::new(&mut config::random()));
        let hash = Hasher::new(HashCost::MIN).hash(&password, salt).await?;
        Ok(Self {
            engine: Arc::new(engine),
            runtime: Handle::current(),
            template: Arc::new(template),
            hash,
        })
    }

    /// Returns the endpoint of the engine.
    pub(crate) fn endpoint(&self) -> &str {
        &self.engine.endpoint
    }

    /// Returns the name of the table with this logical id in the template.
    pub(crate) fn table(&self, id: &str) -> String {
        self.engine.table(id)
    }

    /// Returns the environment of a function that uses the store at this endpoint.
    pub(crate) fn environment(&self, function: &str, endpoint: &str) -> BTreeMap<String, String> {
        let mut environment = tests::environment(&self.template, function, &self.engine.suffix, &tests::Keys::Given);
        environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), endpoint.to_owned());
        environment
    }

    /// Adds a user with this address.
    ///
    /// # Errors
    /// If the address is invalid, or the engine refuses the user.
    pub(crate) fn add_user(&self, email: &str) -> anyhow::Result<()> {
        let new = NewUser {
            email: Email::parse(email)?,
            role: "analyst".parse()?,
            scope: "reports:read".parse()?,
        };
        let record = UserRecord::new(new, self.hash.clone(), SystemClock.now(), &mut config::random());
        let (imported, users) = (ImportedUser::new(record)?, self.engine.accounts());
        self.runtime.block_on(auth::accounts::import_user(&imported, &users))?;
        Ok(())
    }
}
