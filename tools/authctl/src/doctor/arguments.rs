//! The arguments of `authctl doctor`.

use clap::Args;

/// The arguments of an examination.
#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// The URL of the service; default: that of the stack. Without --stack and --local, only what anyone can see there
    /// is examined.
    #[arg(long)]
    pub(super) url: Option<String>,
    /// The origin of a page that calls the service, such as `https://app.example.com`, besides those of the stack.
    #[arg(long)]
    pub(super) origin: Vec<String>,
}
