//! The logs of a local stack, which `cargo dev` writes.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, ErrorKind},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use jiff::{Timestamp, fmt::strtime};

use super::{Line, Since};
use crate::clock::system_time;

/// The folder of the logs, in that of the stack.
const FOLDER: &str = "log";
/// The access log of the gateway.
const ACCESS: &str = "access.jsonl";
/// The lines of the functions.
const FUNCTIONS: &str = "functions.jsonl";
/// The time of an entry of the access log (the format of the gateway's `$context.requestTime`).
const REQUEST_TIME: &str = "%d/%b/%Y:%H:%M:%S %z";

/// The logs of a local stack.
#[derive(Debug)]
pub(crate) struct Files(PathBuf);

impl Files {
    /// Returns the logs of the stack in this folder.
    pub(crate) fn new(stack: &Path) -> Self {
        Self(stack.join(FOLDER))
    }

    /// Calls `visit` with each line since then: first those of the gateway, then those of the functions, each in the
    /// order of their times.
    ///
    /// # Errors
    /// If a file cannot be read. A missing file has no lines.
    pub(crate) fn visit(&self, since: Since, mut visit: impl FnMut(Line)) -> anyhow::Result<()> {
        let earliest = system_time().checked_sub(since.duration());
        let earliest = earliest.and_then(|time| Timestamp::try_from(time).ok());
        for name in [ACCESS, FUNCTIONS] {
            let Self(folder) = self;
            let path = folder.join(name);
            let file = match File::open(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                file => file.with_context(|| format!("cannot read {}", path.display()))?,
            };
            for text in BufReader::new(file).lines() {
                let text = text.with_context(|| format!("cannot read {}", path.display()))?;
                // The last line may still be written.
                let Some((line, at)) = read(&text) else { continue };
                if earliest.is_none_or(|earliest| at >= earliest) {
                    visit(line);
                }
            }
        }
        Ok(())
    }
}

/// Returns a line with its time, or `None` if it is not a whole line of one of the logs.
fn read(text: &str) -> Option<(Line, Timestamp)> {
    let mut line = Line::read(String::new(), text)?;
    let at = match (line.text("timestamp"), line.text("requestTime")) {
        (Some(at), _) => at.parse().ok()?,
        (None, Some(at)) => strtime::parse(REQUEST_TIME, at).ok()?.to_timestamp().ok()?,
        (None, None) => return None,
    };
    line.at = at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    Some((line, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_logs_have_their_times() {
        for (text, expected) in [
            (
                r#"{"timestamp":"2026-11-25T12:03:58.123Z","message":"logout"}"#,
                "2026-11-25T12:03:58.123Z",
            ),
            (
                r#"{"requestId":"r","requestTime":"25/Nov/2026:12:03:58 +0000","status":"200"}"#,
                "2026-11-25T12:03:58.000Z",
            ),
        ] {
            assert_eq!(read(text).unwrap().0.at, expected);
        }
        for text in ["", "{\"timestamp\":\"2026", "{}", "[]"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
