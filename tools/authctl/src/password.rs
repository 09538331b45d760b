//! New passwords: asked for without echo, or generated.

use anyhow::Context as _;
use auth::Password;
use zeroize::Zeroizing;

use crate::arguments::PasswordSource;

/// A password, and whether it was generated and is still to be shown.
pub(crate) struct NewPassword {
    pub(crate) password: Password,
    pub(crate) generated: Option<Zeroizing<String>>,
}

/// Asks for a password twice, or generates one.
pub(crate) fn new_password(source: PasswordSource) -> anyhow::Result<NewPassword> {
    if source.generate {
        let text = Password::generate(&mut config::random());
        return Ok(NewPassword {
            password: Password::choose(&text)?,
            generated: Some(text),
        });
    }
    let typed = inquire::Password::new("Password:")
        .with_help_message("at least 15 characters; a sentence is fine")
        .prompt()
        .context("no password was given; say --generate to have one made")?;
    Ok(NewPassword {
        password: Password::choose(&Zeroizing::new(typed))?,
        generated: None,
    })
}
