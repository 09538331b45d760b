//! `cargo dev`: the whole of Gatehouse on this machine, with one command.

use std::{path::Path, process::ExitCode};

use clap::Parser as _;
use local::{Options, notice};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match local::run(&root, &options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            notice::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
