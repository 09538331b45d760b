//! The DynamoDB engine of a test: the embedded one, or the one at `AWS_ENDPOINT_URL_DYNAMODB`.

use std::sync::atomic::{AtomicU64, Ordering};

use config::Environment;
use local::{Database, Template};
use store::{Accounts, Aws, Client, CredentialsTable, Patience, TableDefinition, UserTable};
use tokio::net::TcpListener;

/// An engine with the test's own set of the template's tables.
#[derive(Debug)]
pub struct Engine {
    /// The endpoint of the engine.
    pub endpoint: String,
    /// The suffix of the table names, after the logical id.
    pub suffix: String,
    /// The embedded engine, which stops when this is dropped, or `None` if the engine is another process.
    _embedded: Option<Database>,
}

impl Engine {
    /// Starts the embedded engine, or uses the one at `AWS_ENDPOINT_URL_DYNAMODB`, and creates the tables. The tables
    /// delete no expired items: DynamoDB Local compares the expiry of an item with its own clock, and the time in the
    /// tests is in the past.
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

    /// Returns the name of the table with this logical id in the template.
    #[must_use]
    pub fn table(&self, id: &str) -> String {
        format!("{id}{}", self.suffix)
    }

    /// Returns an [`Aws`] whose DynamoDB is this engine. Its calls to Secrets Manager fail.
    #[must_use]
    pub fn aws(&self) -> Aws {
        Aws::local(&self.endpoint, "http://localhost:0")
    }

    /// Returns a client of the engine. It waits longer for an answer than a function does. On a busy machine, a client
    /// that gave up early would send a write again although the first one succeeded.
    #[must_use]
    pub fn client(&self) -> Client {
        self.aws().with_patience(Patience::for_operator()).dynamodb()
    }

    /// Returns the users table.
    #[must_use]
    pub fn users(&self) -> UserTable {
        UserTable::new(self.client(), self.table("UsersTable"))
    }

    /// Returns the users and credentials tables.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        let credentials = CredentialsTable::new(self.client(), self.table("CredentialsTable"));
        Accounts::new(self.users(), credentials)
    }

    async fn find() -> Self {
        static ENGINES: AtomicU64 = AtomicU64::new(0);
        let environment = Environment::from_process();
        if let Some(endpoint) = environment.get("AWS_ENDPOINT_URL_DYNAMODB").unwrap() {
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
