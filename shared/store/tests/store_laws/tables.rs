//! The local DynamoDB of a test, with the template's tables.

use doubles::TestClock;
use engine::{Engine, Wire, template};
use reads::{FeedReads, PublicKeyReads, SnapshotReads};
use store::{
    Accounts, AddressRecords, Attempts, Client, Deletions, Epochs, FactorChanges, FactorTable, FeedTable, MailTable,
    PasswordResets, PublicKeyTable, SessionTable, SnapshotTable,
};

use crate::pair::Pair;

pub(crate) struct Tables {
    pub(crate) attempts: Attempts,
    pub(crate) users: Accounts,
    pub(crate) sessions: SessionTable,
    pub(crate) epochs: Epochs,
    pub(crate) mail: MailTable,
    pub(crate) resets: PasswordResets,
    pub(crate) deletions: Deletions,
    pub(crate) factors: FactorChanges,
    pub(crate) records: AddressRecords,
    pub(crate) feed: Pair<FeedTable, FeedReads>,
    pub(crate) public_keys: PublicKeyTable,
    /// The public keys as the authorizer reads them.
    pub(crate) public_key_reads: Pair<PublicKeyTable, PublicKeyReads>,
    pub(crate) snapshots: SnapshotTable,
    /// The snapshots as the authorizer reads them.
    pub(crate) snapshot_reads: Pair<SnapshotTable, SnapshotReads>,
    /// The connection to the feed's table. The `Date` header of its answers is set from `clock`.
    pub(crate) wire: Wire,
    pub(crate) clock: TestClock,
    /// A client for calls that do not go through the ports.
    pub(crate) client: Client,
    /// The local DynamoDB, which stops with the test.
    pub(crate) engine: Engine,
}

impl Tables {
    pub(crate) async fn new() -> Self {
        let engine = Engine::start(&template(&[])).await;
        let client = engine.client();
        let clock = TestClock::default();
        let wire = Wire::start_by(engine.endpoint.clone(), clock.clone()).await;
        let sessions = SessionTable::new(client.clone(), engine.table("RefreshTokensTable"));
        let reads = |endpoint: &str| reads::Aws::local(endpoint, endpoint).unwrap();
        let public_keys = PublicKeyTable::new(client.clone(), engine.table("PublicKeysTable"));
        let snapshots = SnapshotTable::new(client.clone(), engine.table("FeedSnapshotsTable"));
        let attempts = Attempts::new(client.clone(), engine.table("AttemptsTable"));
        let factors = FactorTable::new(client.clone(), engine.table("FactorsTable"));
        let mail = MailTable::new(client.clone(), engine.table("MailTable"));
        Self {
            resets: PasswordResets::new(engine.accounts(), factors.clone(), mail.clone()),
            deletions: Deletions::new(
                client.clone(),
                engine.table("DeletionsTable"),
                engine.accounts(),
                Some(mail.clone()),
            )
            .with_factors(factors.clone()),
            factors: FactorChanges::new(factors.clone(), engine.users(), sessions.clone(), Some(mail.clone())),
            records: AddressRecords::new(attempts.clone(), factors, Some(mail.clone())),
            attempts,
            mail,
            epochs: Epochs::new(client.clone(), engine.users(), sessions.clone()),
            feed: Pair {
                writer: FeedTable::new(wire.client("test"), engine.table("AuthorizerFeed")),
                reader: FeedReads::new(reads(&wire.endpoint("test")), engine.table("AuthorizerFeed")),
            },
            public_key_reads: Pair {
                writer: public_keys.clone(),
                reader: PublicKeyReads::new(reads(&engine.endpoint), engine.table("PublicKeysTable")),
            },
            public_keys,
            snapshot_reads: Pair {
                writer: snapshots.clone(),
                reader: SnapshotReads::new(reads(&engine.endpoint), engine.table("FeedSnapshotsTable")),
            },
            snapshots,
            users: engine.accounts(),
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

    /// Returns the feed's table as another process uses it, with its own estimate of DynamoDB's clock.
    pub(crate) fn another_feed(&self) -> FeedTable {
        FeedTable::new(self.wire.client("another"), self.feed_name())
    }

    /// Returns the name of the attempts table.
    pub(crate) fn attempts_name(&self) -> String {
        self.engine.table("AttemptsTable")
    }

    /// Returns the name of the table of requested mails.
    pub(crate) fn mail_name(&self) -> String {
        self.engine.table("MailTable")
    }

    /// Returns the name of the sessions table.
    pub(crate) fn sessions_name(&self) -> String {
        self.engine.table("RefreshTokensTable")
    }
}
