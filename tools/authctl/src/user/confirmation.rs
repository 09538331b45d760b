//! The confirmation of a deletion.

use std::io::{IsTerminal as _, stdin};

use anyhow::{Context as _, ensure};
use auth::user::User;

/// Asks the operator to confirm that this user is deleted.
///
/// # Errors
/// If the operator does not confirm it, or there is no terminal.
pub(super) fn confirm_deletion(user: &User) -> anyhow::Result<()> {
    const UNASKED: &str = "not a terminal: pass --yes to delete without confirmation";
    ensure!(stdin().is_terminal(), UNASKED);
    let question = format!("Delete {}, user {}, and all their sessions?", user.email, user.id);
    let prompt = inquire::Confirm::new(&question).with_default(false);
    let confirmed = prompt.prompt().context("nothing was deleted")?;
    ensure!(confirmed, "nothing was deleted");
    Ok(())
}
