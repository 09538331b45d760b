//! `authctl`: the operator's command line, over the same use-cases as the functions.

mod arguments;
mod keys;
mod output;
mod password;
mod target;
mod user;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let Arguments {
        target,
        output,
        command,
    } = Arguments::parse();
    match command {
        Command::User(command) => user::run(command, &target, output)
            .await
            .map_err(|error| target::explain(error, &target)),
        Command::Key(command) => keys::run(command),
    }
}
