//! Which functions crashed, read from what `cargo lambda watch` prints: it says that a command exited, not whose, and
//! leaves the caller waiting.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::sleep};

/// How long an invocation may go on after some function crashed before it is taken for that function's.
const GRACE: Duration = Duration::from_secs(2);

/// What it prints when a function's process ends by itself, or cannot be compiled.
const CRASHED: &[&str] = &[
    "command exited",
    "command killed",
    "command stopped",
    "command ended by exception",
];

/// The functions that are known to be down.
#[derive(Debug, Default)]
pub(super) struct Crashes {
    down: Mutex<BTreeSet<String>>,
    count: watch::Sender<u64>,
}

impl Crashes {
    /// Learns from a line of output.
    pub(super) fn read(&self, line: &str) {
        if let Some(function) = started(line) {
            self.down().remove(function);
        }
        if CRASHED.iter().any(|words| line.contains(words)) {
            self.count.send_modify(|count| *count = count.saturating_add(1));
        }
    }

    /// Waits until this function, which is being invoked, turns out to be down.
    pub(super) async fn next(&self, function: &str) {
        let mut count = self.count.subscribe();
        if self.down().contains(function) {
            return;
        }
        if count.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        sleep(GRACE).await;
        self.down().insert(function.to_owned());
    }

    fn down(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.down.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The function whose process Cargo has just started: "Running `target/debug/login`".
fn started(line: &str) -> Option<&str> {
    let (_, command) = line.split_once("Running")?;
    let (_, path) = command.split_once('`')?;
    let (path, _) = path.split_once('`')?;
    path.rsplit(['/', '\\']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_started_function_is_read_from_cargo_s_line() {
        for line in [
            "     Running `target/debug/login`",
            "\u{1b}[1m\u{1b}[92m     Running\u{1b}[0m `/somewhere/target/debug/login`",
        ] {
            assert_eq!(started(line), Some("login"));
        }
        assert_eq!(started("   Compiling login v0.1.0"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_invocation_that_outlives_a_crash_is_taken_for_crashed_until_it_runs_again() {
        let crashes = Crashes::default();
        let mut waiting = Box::pin(crashes.next("login"));

        assert!(futures::poll!(&mut waiting).is_pending());
        crashes.read("ERROR command exited code=1");
        waiting.await;
        crashes.next("login").await;
        crashes.read("     Running `target/debug/login`");

        assert!(futures::poll!(Box::pin(crashes.next("login"))).is_pending());
    }
}
