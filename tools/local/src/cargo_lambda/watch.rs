//! The process of `cargo lambda watch`: its start, its output and its end.

use std::{io::IsTerminal as _, net::SocketAddr, path::Path, process::Stdio, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};

use super::{Client, crashes::Crashes};
use crate::{cargo, folder::Folder, log::Log};

/// The maximum time that `cargo lambda watch` may take until it listens.
const START: Duration = Duration::from_secs(20);
/// The maximum time that `cargo lambda watch` may take to stop its functions and itself.
const STOP: Duration = Duration::from_secs(5);

/// A running `cargo lambda watch`.
#[derive(Debug)]
pub(crate) struct Watch {
    process: Child,
    address: SocketAddr,
    crashes: Arc<Crashes>,
}

impl Watch {
    /// Starts `cargo lambda watch` on an address of this machine and waits until it listens. Each function is compiled
    /// and started at its first invocation, with the variables in the stack's folder. The process has its own process
    /// group, so that Ctrl-C does not reach it and the stack stops in order.
    ///
    /// # Errors
    /// If it does not start, ends before it listens, or does not listen in time.
    pub(crate) async fn start(program: &Path, folder: &Folder, address: SocketAddr, log: &Log) -> anyhow::Result<Self> {
        let color = if std::io::stdout().is_terminal() {
            "always"
        } else {
            "never"
        };
        let mut command = Command::from(cargo::command(program));
        let mut process = command
            .args(["lambda", "watch", "--disable-cors", "--color", color])
            .args(["--invoke-address", &address.ip().to_string()])
            .args(["--invoke-port", &address.port().to_string()])
            .arg("--env-file")
            .arg(folder.path("functions.env"))
            .current_dir(folder.root())
            // Its own log shows only warnings and errors. The functions' output passes through unchanged.
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start cargo lambda watch")?;
        let crashes = Arc::new(Crashes::default());
        if let (Some(output), Some(errors)) = (process.stdout.take(), process.stderr.take()) {
            tokio::spawn(forward(output, Arc::clone(&crashes), log.clone()));
            tokio::spawn(forward(errors, Arc::clone(&crashes), log.clone()));
        }
        let mut watch = Self {
            process,
            address,
            crashes,
        };
        watch.wait_until_it_listens().await?;
        Ok(watch)
    }

    async fn wait_until_it_listens(&mut self) -> anyhow::Result<()> {
        let connected = async {
            while TcpStream::connect(self.address).await.is_err() {
                sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            () = connected => Ok(()),
            ended = self.process.wait() => bail!("cargo lambda watch exited during startup ({}): see above", ended?),
            () = sleep(START) => bail!("cargo lambda watch does not listen on {}", self.address),
        }
    }

    /// Returns a client of its functions.
    #[must_use]
    pub(crate) fn client(&self) -> Client {
        Client::new(self.address, Arc::clone(&self.crashes))
    }

    /// Waits until the process ends by itself, which is always an error.
    ///
    /// # Errors
    /// Always. The error has the exit status.
    pub(crate) async fn wait_for_end(&mut self) -> anyhow::Result<()> {
        let status = self.process.wait().await?;
        bail!("cargo lambda watch ended ({status}): see above")
    }

    /// Asks `cargo lambda watch` to stop its functions and itself, and kills it if it has not ended in time.
    ///
    /// # Errors
    /// If it cannot be stopped.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            // A process that has already ended needs no signal.
            kill_process(pid, Signal::INT).unwrap_or_default();
        }
        if timeout(STOP, self.process.wait()).await.is_err() {
            self.process.kill().await?;
        }
        Ok(())
    }
}

async fn forward(stream: impl AsyncRead + Unpin, crashes: Arc<Crashes>, log: Log) {
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        crashes.read(&line);
        log.function(&line);
    }
}
