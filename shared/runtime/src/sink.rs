//! The destination of log lines.

use std::io::Write as _;

/// A destination of log lines.
pub trait Sink: Send + Sync {
    /// Writes one line. `line` has no line break at its end.
    fn line(&self, line: &str);
}

/// Standard output, which Lambda forwards to CloudWatch.
#[derive(Clone, Copy, Debug)]
pub struct StandardOutput;

impl Sink for StandardOutput {
    fn line(&self, line: &str) {
        // A request must not fail because its log cannot be written.
        writeln!(std::io::stdout().lock(), "{line}").unwrap_or_default();
    }
}
