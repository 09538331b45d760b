//! Asking before what cannot be undone.

use std::io::{IsTerminal as _, stdin};

use anyhow::{Context as _, ensure};
use auth::user::User;

/// Asks whether this user is to be deleted.
///
/// # Errors
/// When it is not confirmed, or there is no terminal to ask at.
pub(super) fn of_deletion(user: &User) -> anyhow::Result<()> {
    const UNASKED: &str = "nothing was deleted: there is nobody to ask; say --yes to do it unasked";
    ensure!(stdin().is_terminal(), UNASKED);
    let question = format!("Delete {}, user {}, and all their sessions?", user.email, user.id);
    let prompt = inquire::Confirm::new(&question).with_default(false);
    let confirmed = prompt.prompt().context("nothing was deleted")?;
    ensure!(confirmed, "nothing was deleted");
    Ok(())
}
