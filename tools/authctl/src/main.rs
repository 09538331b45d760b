//! `authctl` is the operator's command line. It runs the same use cases as the functions.

#[cfg(test)]
mod advice;
mod arguments;
mod aws;
mod cause;
mod clock;
mod completions;
mod confirmation;
mod doctor;
mod drill;
mod exit;
mod failure;
mod hint;
mod interruptions;
mod key;
mod key_store;
mod local_stack;
mod logs;
mod mail;
mod named_user;
mod network;
mod operator;
mod outbox;
mod output;
mod password;
mod progress;
mod report;
mod session;
mod stack;
mod target;
mod token;
mod user;
mod why;

use std::process::ExitCode;

use crate::arguments::{Arguments, Command, Output, Target};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments {
        mut target,
        output,
        command,
    } = Arguments::read();
    output::set_note_format(output);
    match run(command, &mut target, output).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let (exit, error) = hint::explain(error, &target).await;
            output::print_error(&error, exit, output);
            exit.into()
        }
    }
}

async fn run(command: Command, target: &mut Target, output: Output) -> anyhow::Result<()> {
    if command.needs_stack() {
        target.fill_from_stack().await?;
    }
    match command {
        Command::User(command) => Box::pin(user::run(command, target, output)).await,
        Command::Session(command) => session::run(command, target, output).await,
        Command::RevokeDrill(command) => drill::run(command, target, output).await,
        Command::Key(command) => key::run(command, target, output).await,
        Command::Mail(command) => mail::run(command, target, output).await,
        Command::Token(command) => token::run(command, target, output),
        Command::Why(command) => why::run(command, target, output).await,
        Command::Doctor(command) => Box::pin(doctor::run(command, target, output)).await,
        Command::Report(command) => Box::pin(report::run(command, target, output)).await,
        Command::Stack => stack::show(target, output),
        Command::Completions { shell } => completions::print_completions(shell),
        Command::Manual => completions::print_manual(),
    }
}
