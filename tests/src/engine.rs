//! The DynamoDB engine of a test: embedded, or the one that `AWS_ENDPOINT_URL_DYNAMODB` points at.

use std::sync::atomic::{AtomicU64, Ordering};

use config::Environment;
use local::{Database, Template};
use store::{Accounts, Aws, Client, CredentialsTable, TableDefinition, UserTable};
use tokio::net::TcpListener;

/// An engine with the template's tables in it, which no other test shares.
#[derive(Debug)]
pub struct Engine {
    /// Where it listens.
    pub endpoint: String,
    /// What stands after each table's logical id in its name.
    pub suffix: String,
    /// Ends with this; none when the engine is another process.
    _embedded: Option<Database>,
}

impl Engine {
    /// Starts an engine, or takes the one that is given, and makes the tables. Nothing in them expires: the time of the tests
    /// is long ago, and DynamoDB Local deletes what has expired by its own clock.
    pub async fn start(template: &Template) -> Self {
        let engine = Self::find().await;
        for (id, definition) in template.tables().unwrap() {
            let lasting = TableDefinition {
                ttl: None,
                ..definition
            };
            lasting.create(&engine.table(&id), &engine.client()).await.unwrap();
        }
        engine
    }

    /// The name of the table that the template calls `id`.
    #[must_use]
    pub fn table(&self, id: &str) -> String {
        format!("{id}{}", self.suffix)
    }

    /// An AWS that is this engine alone.
    #[must_use]
    pub fn aws(&self) -> Aws {
        Aws::local(&self.endpoint, "http://localhost:0").unwrap()
    }

    /// A client of it.
    #[must_use]
    pub fn client(&self) -> Client {
        self.aws().dynamodb()
    }

    /// Its table of users.
    #[must_use]
    pub fn users(&self) -> UserTable {
        UserTable::new(self.client(), self.table("UsersTable"))
    }

    /// Its tables of users and of credentials.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        let credentials = CredentialsTable::new(self.client(), self.table("CredentialsTable"));
        Accounts::new(self.users(), credentials)
    }

    async fn find() -> Self {
        static ENGINES: AtomicU64 = AtomicU64::new(0);
        let environment = Environment::of_process();
        if let Some(endpoint) = environment.optional("AWS_ENDPOINT_URL_DYNAMODB").unwrap() {
            let number = ENGINES.fetch_add(1, Ordering::Relaxed);
            return Self {
                endpoint: endpoint.to_owned(),
                suffix: format!("-{}-{number}", std::process::id()),
                _embedded: None,
            };
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let embedded = Database::in_memory(listener).unwrap();
        Self {
            endpoint: embedded.endpoint(),
            suffix: String::new(),
            _embedded: Some(embedded),
        }
    }
}
