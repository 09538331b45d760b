//! `authctl token` mints access tokens for tests, and inspects and explains any token.

mod arguments;
mod explain;
mod inspect;
mod mint;

use std::io::Read as _;

use anyhow::Context as _;
use claims::Clock as _;
use config::SystemClock;
use serde_json::json;
use zeroize::Zeroizing;

use self::arguments::Explain;
pub(crate) use self::arguments::TokenCommand;
use crate::{
    arguments::{Output, Target},
    output,
};

/// Runs a token command. No token command needs an AWS account.
pub(crate) fn run(command: TokenCommand, target: &Target, output: Output) -> anyhow::Result<()> {
    let now = SystemClock.now();
    match command {
        TokenCommand::Mint(command) => {
            let token = mint::sign(&command, &target.keys()?, now, &mut config::random())?;
            let placed = mint::place_in_event(&token, command.event.as_deref())?;
            match &command.event {
                // An event is JSON already.
                None => output::print_result(&json!({"access_token": placed}), &placed, output),
                Some(_) => Ok(output::print(&placed)?),
            }
        }
        TokenCommand::Inspect { token } => {
            let found = inspect::read(&read_token(token)?)?;
            match output {
                Output::Jsonl => output::print_json_line(&found),
                Output::Json | Output::Table | Output::Name => output::print_json(&found),
            }
        }
        TokenCommand::Explain(command) => {
            let keys = explain::keys(&target.keys()?)?;
            let Explain {
                token,
                method,
                path,
                api,
                route,
                kept_for,
                parties,
            } = command;
            let called = explain::called(&method, &path, api, route, kept_for);
            let rules = explain::rules()?;
            let checks = explain::run_checks(&read_token(token)?, &called, parties, keys, &rules, now.timestamp());
            output::print_rows(&checks, output)
        }
    }
}

/// Returns the token from the command line, or from standard input if the argument is `-`. Other processes can read the
/// command line, but not standard input.
fn read_token(token: String) -> anyhow::Result<Zeroizing<String>> {
    if token != "-" {
        return Ok(Zeroizing::new(token));
    }
    let mut input = Zeroizing::new(String::new());
    let read = std::io::stdin().read_to_string(&mut input);
    read.context("cannot read standard input")?;
    Ok(Zeroizing::new(input.trim().to_owned()))
}
