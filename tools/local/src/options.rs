//! What can be said on the command line.

use clap::Parser;

/// Run the whole of Gatehouse on this machine: database, functions with hot reload, API Gateway.
#[derive(Debug, Parser)]
#[command(name = "cargo dev", version, about)]
pub struct Options {
    /// The port of the API.
    #[arg(long, default_value_t = 3000)]
    pub port: u16,

    /// The port of `cargo lambda watch`, for `cargo lambda invoke`.
    #[arg(long, default_value_t = 9000)]
    pub functions_port: u16,

    /// The port of the database, for `cargo authctl --local`.
    #[arg(long, default_value_t = 8000)]
    pub database_port: u16,

    /// A web origin that may call the API and use cookies; may be said several times. The API's own unless said.
    #[arg(long)]
    pub allow_origin: Vec<String>,

    /// Rotate the keys of access tokens while the stack runs, in a minute instead of hours, and tell what happens when.
    #[arg(long)]
    pub rotate: bool,
}
