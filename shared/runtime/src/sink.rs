//! Where log lines go.

use std::io::Write as _;

/// Takes log lines.
pub trait Sink: Send + Sync {
    /// Takes one line, without its end.
    fn line(&self, line: &str);
}

/// Standard output, which Lambda forwards to CloudWatch.
#[derive(Clone, Copy, Debug)]
pub struct StandardOutput;

impl Sink for StandardOutput {
    fn line(&self, line: &str) {
        // A log that cannot be written must not fail a request.
        writeln!(std::io::stdout().lock(), "{line}").unwrap_or_default();
    }
}
