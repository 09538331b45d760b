//! The confirmation of a change that ends sessions or keys.

use std::io::{IsTerminal as _, stdin};

use clap::Args;

/// Whether to ask before a change.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Confirmation {
    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
}

/// The operator has not confirmed a change.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unconfirmed {
    #[error("{0} Nothing was changed: to confirm this without a terminal, pass --yes")]
    NoTerminal(String),
    #[error("not confirmed: nothing was changed")]
    Declined,
    #[error("no reason: pass --reason, for the record")]
    NoReason,
}

impl Confirmation {
    /// Asks the operator to confirm a change. `change` is a sentence that names what is changed, and where.
    ///
    /// # Errors
    /// If the operator does not confirm it, or standard input is not a terminal.
    pub(crate) fn ask(self, change: &str) -> Result<(), Unconfirmed> {
        if self.yes {
            return Ok(());
        }
        if !stdin().is_terminal() {
            return Err(Unconfirmed::NoTerminal(change.to_owned()));
        }
        let question = format!("{change} Continue?");
        let answer = inquire::Confirm::new(&question).with_default(false).prompt();
        match answer {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Unconfirmed::Declined),
        }
    }
}
