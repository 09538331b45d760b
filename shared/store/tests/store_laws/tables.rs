//! The engine of a test, with the template's tables.

use doubles::TestClock;
use engine::{Engine, Wire, template};
use store::{Accounts, Attempts, Client, Epochs, FeedTable, PublicKeyTable, SessionTable, SnapshotTable};

pub(crate) struct Tables {
    pub(crate) attempts: Attempts,
    pub(crate) users: Accounts,
    pub(crate) sessions: SessionTable,
    pub(crate) epochs: Epochs,
    pub(crate) feed: FeedTable,
    pub(crate) public_keys: PublicKeyTable,
    pub(crate) snapshots: SnapshotTable,
    /// The wire to the feed, whose answers have the time of the clock.
    pub(crate) wire: Wire,
    pub(crate) clock: TestClock,
    /// A client that does not use the ports.
    pub(crate) client: Client,
    /// The engine, which stops with the test.
    pub(crate) engine: Engine,
}

impl Tables {
    pub(crate) async fn new() -> Self {
        let engine = Engine::start(&template(&[])).await;
        let client = engine.client();
        let clock = TestClock::default();
        let wire = Wire::start_by(engine.endpoint.clone(), clock.clone()).await;
        let sessions = SessionTable::new(client.clone(), engine.table("RefreshTokensTable"));
        Self {
            attempts: Attempts::new(client.clone(), engine.table("AttemptsTable")),
            epochs: Epochs::new(client.clone(), engine.users(), sessions.clone()),
            feed: FeedTable::new(wire.client("test"), engine.table("AuthorizerFeed")),
            public_keys: PublicKeyTable::new(client.clone(), engine.table("PublicKeysTable")),
            users: engine.accounts(),
            snapshots: SnapshotTable::new(client.clone(), engine.table("FeedSnapshotsTable")),
            wire,
            clock,
            sessions,
            client,
            engine,
        }
    }

    /// Returns the name of the feed table.
    pub(crate) fn feed_name(&self) -> String {
        self.engine.table("AuthorizerFeed")
    }

    /// Returns the feed for another process.
    pub(crate) fn another_feed(&self) -> FeedTable {
        FeedTable::new(self.wire.client("another"), self.feed_name())
    }

    /// Returns the name of the attempts table.
    pub(crate) fn attempts_name(&self) -> String {
        self.engine.table("AttemptsTable")
    }

    /// Returns the name of the sessions table.
    pub(crate) fn sessions_name(&self) -> String {
        self.engine.table("RefreshTokensTable")
    }
}
