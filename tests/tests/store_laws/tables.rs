//! An engine of each test's own, with the template's tables in it.

use store::{Accounts, Attempts, Client, Epochs, FeedTable, SessionTable};
use tests::{Engine, template};

pub(crate) struct Tables {
    pub(crate) attempts: Attempts,
    pub(crate) users: Accounts,
    pub(crate) sessions: SessionTable,
    pub(crate) epochs: Epochs,
    pub(crate) feed: FeedTable,
    /// For looking past the ports.
    pub(crate) client: Client,
    /// Ends with the test.
    pub(crate) engine: Engine,
}

impl Tables {
    pub(crate) async fn new() -> Self {
        let engine = Engine::start(&template(&[])).await;
        let client = engine.client();
        let sessions = SessionTable::new(client.clone(), engine.table("RefreshTokensTable"));
        Self {
            attempts: Attempts::new(client.clone(), engine.table("AttemptsTable")),
            epochs: Epochs::new(client.clone(), engine.users(), sessions.clone()),
            feed: FeedTable::new(client.clone(), engine.table("AuthorizerFeed")),
            users: engine.accounts(),
            sessions,
            client,
            engine,
        }
    }

    /// The name of the table of attempts.
    pub(crate) fn attempts_name(&self) -> String {
        self.engine.table("AttemptsTable")
    }

    /// The name of the table of sessions.
    pub(crate) fn sessions_name(&self) -> String {
        self.engine.table("RefreshTokensTable")
    }
}
