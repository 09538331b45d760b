//! An engine of each test's own, with the template's tables in it.

use local::Database;
use store::{Client, Epochs, SessionTable, UserTable};
use tests::template;
use tokio::net::TcpListener;

pub(crate) struct Tables {
    pub(crate) users: UserTable,
    pub(crate) sessions: SessionTable,
    pub(crate) epochs: Epochs,
    /// For looking past the ports.
    pub(crate) client: Client,
    /// Ends with the test.
    _engine: Database,
}

/// The table of sessions, as the template names it.
pub(crate) const SESSIONS: &str = "RefreshTokensTable";

impl Tables {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let engine = Database::in_memory(listener).unwrap();
        let client = store::local_client(&engine.endpoint()).unwrap();
        local::create_tables(&template(&[]), str::to_owned, &client)
            .await
            .unwrap();
        let users = UserTable::new(client.clone(), "UsersTable".to_owned());
        let sessions = SessionTable::new(client.clone(), SESSIONS.to_owned());
        Self {
            epochs: Epochs::new(client.clone(), users.clone(), sessions.clone()),
            users,
            sessions,
            client,
            _engine: engine,
        }
    }
}
