//! `cargo dev` runs the whole of Gatehouse on this machine.

use std::process::ExitCode;

use clap::Parser as _;
use local::{Options, notice};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    match start(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            notice::print_error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn start(options: &Options) -> anyhow::Result<()> {
    let root = local::find_checkout(&std::env::current_dir()?)?;
    local::run(&root, options).await
}
