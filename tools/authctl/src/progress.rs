//! The progress of a command that may take long: a bar on a terminal, and a line every few seconds elsewhere.

use std::{
    cell::Cell,
    io::{IsTerminal as _, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::{arguments::Output, output};

/// How often the bar is drawn again.
const REDRAW: Duration = Duration::from_millis(500);
/// How often a line is written if there is no terminal.
const LINES: Duration = Duration::from_secs(5);

/// The progress of a command. Its size is the length of a file or a number of users, and may be unknown.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The position in the input or in the table.
    bar: ProgressBar,
    /// What has been done to the users, such as `imported`.
    verb: &'static str,
    users: Cell<u64>,
    began: Instant,
    output: Output,
}

impl Progress {
    /// Begins the progress. The caller moves `bar`, and this draws it.
    pub(crate) fn new(verb: &'static str, bar: ProgressBar, output: Output) -> Self {
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {msg}") {
            bar.set_style(style);
        }
        Self {
            bar,
            verb,
            users: Cell::new(0),
            began: Instant::now(),
            output,
        }
    }

    /// Counts users that are done.
    pub(crate) fn add(&self, users: u64) {
        self.users.set(self.users.get().saturating_add(users));
    }

    /// Counts users that are done, and moves the bar by as many.
    pub(crate) fn advance(&self, users: u64) {
        self.add(users);
        self.bar.inc(users);
    }

    /// Returns the number of users that are done.
    pub(crate) fn users(&self) -> u64 {
        self.users.get()
    }

    /// Shows the progress again and again. The future never ends.
    pub(crate) async fn keep_shown<T>(&self) -> T {
        let period = if stderr().is_terminal() { REDRAW } else { LINES };
        loop {
            tokio::time::sleep(period).await;
            self.show();
        }
    }

    /// Writes a line of output above the bar.
    pub(crate) fn suspend(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self) {
        let pace = Pace {
            users: self.users(),
            took: self.began.elapsed(),
            part: self.part(),
        };
        if stderr().is_terminal() {
            self.bar.set_message(pace.text(self.verb));
            return;
        }
        match self.output {
            Output::Table | Output::Name => output::print_aside(&pace.text(self.verb)),
            Output::Json | Output::Jsonl => {
                let Pace { users, .. } = pace;
                let [rate, rest] = [Some(pace.rate()), pace.rest().map(|rest| rest.as_secs())];
                let progress = json!({self.verb: users, "per_second": rate, "seconds_left": rest});
                output::print_aside(&json!({"progress": progress}).to_string());
            }
        }
    }

    /// Returns the part that is done, in thousandths, or `None` if the size is unknown.
    fn part(&self) -> Option<u64> {
        let size = self.bar.length()?;
        self.bar.position().saturating_mul(1_000).checked_div(size)
    }
}

/// How fast a command is.
#[derive(Clone, Copy, Debug)]
struct Pace {
    users: u64,
    took: Duration,
    /// The part that is done, in thousandths.
    part: Option<u64>,
}

impl Pace {
    /// Returns the number of users per second.
    fn rate(self) -> u64 {
        let millis = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
        self.users.saturating_mul(1_000).checked_div(millis).unwrap_or(0)
    }

    /// Returns the time that the rest will take at this pace, or `None` if nothing is known about the rest.
    fn rest(self) -> Option<Duration> {
        let part = self.part.filter(|part| *part > 0)?;
        let rest = 1_000_u64.saturating_sub(part);
        let rest = u32::try_from(rest).ok()?;
        self.took.saturating_mul(rest).checked_div(part.try_into().ok()?)
    }

    fn text(self, verb: &str) -> String {
        let rest = self.rest().map(|rest| format!(", about {} left", duration(rest)));
        format!(
            "{verb}: {}, {} per second{}",
            self.users,
            self.rate(),
            rest.unwrap_or_default()
        )
    }
}

/// Returns a duration in its two largest units.
fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let [hours, minutes, rest] = [seconds / 3_600, seconds / 60 % 60, seconds % 60];
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::at_the_beginning(0, 0, None, "imported: 0, 0 per second")]
    #[case::nothing_yet(0, 5, Some(0), "imported: 0, 0 per second")]
    #[case::of_unknown_size(500, 10, None, "imported: 500, 50 per second")]
    #[case::a_tenth(500, 10, Some(100), "imported: 500, 50 per second, about 1 min 30 s left")]
    #[case::a_thousandth(10, 60, Some(1), "imported: 10, 0 per second, about 16 h 39 min left")]
    #[case::all(5_000, 100, Some(1_000), "imported: 5000, 50 per second, about 0 s left")]
    fn the_rate_and_the_rest_are_shown(
        #[case] users: u64,
        #[case] seconds: u64,
        #[case] part: Option<u64>,
        #[case] expected: &str,
    ) {
        let took = Duration::from_secs(seconds);

        assert_eq!(Pace { users, took, part }.text("imported"), expected);
    }
}
