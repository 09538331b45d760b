//! `cargo dev`: the whole of Gatehouse on this machine, with one command.

use std::path::Path;

use clap::Parser as _;
use local::Options;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    local::run(&root, &options).await
}
