//! The embedded DynamoDB engine in this process, with the template's tables.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::{Context as _, anyhow};
use dynoxide::{Database as Engine, server};
use store::Client;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::template::Template;

/// A running local DynamoDB.
#[derive(Debug)]
pub struct Database {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), String>>,
}

impl Database {
    /// Starts an engine that keeps everything in a file.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn in_file(path: &Path, listener: TcpListener) -> anyhow::Result<Self> {
        let path = path.to_str().context("the folder's name is not Unicode")?;
        let engine = Engine::new(path).map_err(|error| anyhow!("cannot open the database {path}: {error}"))?;
        Self::serve(engine, listener)
    }

    /// Starts an engine that keeps everything in memory.
    ///
    /// # Errors
    /// If the engine does not start.
    pub fn in_memory(listener: TcpListener) -> anyhow::Result<Self> {
        let engine = Engine::memory().map_err(|error| anyhow!("cannot make a database: {error}"))?;
        Self::serve(engine, listener)
    }

    fn serve(engine: Engine, listener: TcpListener) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(server::serve_with_shutdown(listener, engine, async {
            stopped.await.unwrap_or_default();
        }));
        Ok(Self { address, stop, server })
    }

    /// Returns the endpoint of the engine.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops the engine. Waits up to a second for requests to finish, and closes the file.
    pub async fn stop(mut self) {
        self.stop.send(()).unwrap_or_default();
        if timeout(Duration::from_secs(1), &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}

/// Creates the missing tables of the template. `name` maps logical ids to table names.
///
/// # Errors
/// If the engine refuses a table.
pub async fn create_tables(template: &Template, name: impl Fn(&str) -> String, client: &Client) -> anyhow::Result<()> {
    for (id, table) in template.tables()? {
        table.create(&name(&id), client).await?;
    }
    Ok(())
}
