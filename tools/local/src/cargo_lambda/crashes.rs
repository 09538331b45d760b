//! Detects crashed functions in the output of `cargo lambda watch`. The program prints that a command exited, but not
//! which one, and never answers the caller.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::sleep};

/// The time in which an invoked function must answer after a crash of any function. If it does not, it counts as
/// crashed.
const GRACE: Duration = Duration::from_secs(2);

/// Parts of the lines that `cargo lambda watch` prints when a function's process ends by itself, or the function cannot
/// be compiled.
const CRASHED: &[&str] = &[
    "command exited",
    "command killed",
    "command stopped",
    "command ended by exception",
];

/// The number of crashes so far, and for each function the number of crashes up to its last start or answer.
#[derive(Debug, Default)]
pub(super) struct Crashes {
    count: watch::Sender<u64>,
    outlived: Mutex<BTreeMap<String, u64>>,
}

impl Crashes {
    /// Reads a line of the output. Records the start of a function or counts a crash, if the line reports one.
    pub(super) fn read(&self, line: &str) {
        if let Some(function) = started(line) {
            self.is_alive(function);
        }
        if CRASHED.iter().any(|words| line.contains(words)) {
            self.count.send_modify(|count| *count = count.saturating_add(1));
        }
    }

    /// Records that a function has just started or answered.
    pub(super) fn is_alive(&self, function: &str) {
        let count = *self.count.borrow();
        let mut outlived = self.outlived.lock().unwrap_or_else(PoisonError::into_inner);
        outlived.insert(function.to_owned(), count);
    }

    /// Waits until an invoked function counts as crashed. If any function has crashed since this one last started or
    /// answered, this one has [`GRACE`] to answer. The caller drops this future when the function answers.
    pub(super) async fn wait_for_crash(&self, function: &str) {
        let outlived = {
            let outlived = self.outlived.lock().unwrap_or_else(PoisonError::into_inner);
            outlived.get(function).copied().unwrap_or_default()
        };
        let mut count = self.count.subscribe();
        if count.wait_for(|count| *count > outlived).await.is_err() {
            std::future::pending::<()>().await;
        }
        sleep(GRACE).await;
    }
}

/// Returns the name of the function whose start a line of Cargo reports, such as "Running `target/debug/login`", or
/// `None` for any other line.
fn started(line: &str) -> Option<&str> {
    let (_, command) = line.split_once("Running")?;
    let (_, path) = command.split_once('`')?;
    let (path, _) = path.split_once('`')?;
    path.rsplit(['/', '\\']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXITED: &str = "ERROR command exited code=1";
    const RUNNING: &str = "     Running `target/debug/login`";

    #[test]
    fn the_started_function_is_read_from_the_line_of_cargo() {
        for line in [
            RUNNING,
            "\u{1b}[1m\u{1b}[92m     Running\u{1b}[0m `/somewhere/target/debug/login`",
        ] {
            assert_eq!(started(line), Some("login"));
        }
        assert_eq!(started("   Compiling login v0.1.0"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_invocation_that_outlives_a_crash_counts_as_crashed_until_it_runs() {
        let crashes = Crashes::default();
        let mut waiting = Box::pin(crashes.wait_for_crash("login"));

        assert!(futures::poll!(&mut waiting).is_pending());
        crashes.read(EXITED);
        waiting.await;
        crashes.wait_for_crash("login").await;
        crashes.read(RUNNING);

        assert!(futures::poll!(Box::pin(crashes.wait_for_crash("login"))).is_pending());
        sleep(GRACE).await;
        assert!(futures::poll!(Box::pin(crashes.wait_for_crash("login"))).is_pending());
    }

    #[tokio::test(start_paused = true)]
    async fn a_crash_between_invocations_is_reported_to_the_next_one() {
        let crashes = Crashes::default();
        crashes.read(RUNNING);
        crashes.read(EXITED);

        crashes.wait_for_crash("login").await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_crash_of_another_function_is_forgotten_with_the_next_answer() {
        let crashes = Crashes::default();
        crashes.read(EXITED);
        crashes.is_alive("me");

        let mut waiting = Box::pin(crashes.wait_for_crash("me"));
        assert!(futures::poll!(&mut waiting).is_pending());
        tokio::select! {
            () = waiting => panic!("taken for crashed"),
            () = sleep(GRACE.saturating_mul(10)) => {}
        }
    }
}
