//! `authctl` is the operator's command line. It runs the same use cases as the functions.

mod arguments;
mod clock;
mod drill;
mod hint;
mod key;
mod key_store;
mod mail;
mod named_user;
mod operator;
mod outbox;
mod output;
mod password;
mod session;
mod target;
mod token;
mod user;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments {
        target,
        output,
        command,
    } = Arguments::parse();
    let outcome = match command {
        Command::User(command) => Box::pin(user::run(command, &target, output)).await,
        Command::Session(command) => session::run(command, &target, output).await,
        Command::RevokeDrill(command) => drill::run(command, &target, output).await,
        Command::Key(command) => key::run(command, &target, output).await,
        Command::Mail(command) => mail::run(command, &target, output).await,
        Command::Token(command) => token::run(command, &target, output),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::print_error(&hint::explain(error, &target));
            ExitCode::FAILURE
        }
    }
}
