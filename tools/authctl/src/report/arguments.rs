//! The arguments of `authctl report`.

use clap::Args;

use crate::logs::Since;

/// The arguments of a report.
#[derive(Args, Debug)]
pub(crate) struct Report {
    /// Which time to report: the last 30m, 24h or 7d.
    #[arg(long, default_value = "24h")]
    pub(super) since: Since,
}
