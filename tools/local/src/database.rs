//! The embedded DynamoDB engine, in this process, with the template's tables in it.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::{Context as _, anyhow};
use dynoxide::{Database as Engine, server};
use store::Client;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::template::Template;

/// A running engine.
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
    /// When the file cannot be opened.
    pub fn in_file(path: &Path, listener: TcpListener) -> anyhow::Result<Self> {
        let path = path.to_str().context("the folder's name is not Unicode")?;
        let engine = Engine::new(path).map_err(|error| anyhow!("cannot open the database {path}: {error}"))?;
        Self::serve(engine, listener)
    }

    /// Starts an engine that forgets everything in the end.
    ///
    /// # Errors
    /// When the engine does not start.
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

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets requests finish, for a second at the most, and closes the file.
    pub async fn stop(mut self) {
        self.stop.send(()).unwrap_or_default();
        if timeout(Duration::from_secs(1), &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}

/// Makes the tables that the template declares and that are not there yet, under the names that `name` gives them.
///
/// # Errors
/// When the engine refuses.
pub async fn create_tables(template: &Template, name: impl Fn(&str) -> String, client: &Client) -> anyhow::Result<()> {
    for (id, table) in template.tables()? {
        table.create(&name(&id), client).await?;
    }
    Ok(())
}
