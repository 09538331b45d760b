//! New passwords: asked for without echo, or generated.

use anyhow::Context as _;
use auth::{HashCost, Hasher, Password, PasswordRule};
use config::{ConfigError, Environment};
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
            password: Password::parse(&text)?,
            generated: Some(text),
        });
    }
    let rule = PasswordRule {
        least_characters: Environment::of_process().password_least_characters()?,
        is_common: blocklist::is_common,
    };
    let help = format!("at least {} characters; a sentence is fine", rule.least_characters);
    let typed = inquire::Password::new("Password:")
        .with_help_message(&help)
        .prompt()
        .context("no password was given; say --generate to have one made")?;
    Ok(NewPassword {
        password: Password::choose(&Zeroizing::new(typed), &rule)?,
        generated: None,
    })
}

/// Makes hashes of the cost that the environment names, which should be the functions' own: a cheaper one is replaced at
/// the first login.
pub(crate) fn hasher() -> Result<Hasher, ConfigError> {
    let environment = Environment::of_process();
    let cost = HashCost::new(environment.password_memory_kib()?, environment.password_passes()?);
    Ok(Hasher::new(cost))
}

/// A password that someone has: asked for without echo, or the first line of standard input.
pub(crate) fn existing_password(from_stdin: bool) -> anyhow::Result<Zeroizing<String>> {
    if !from_stdin {
        let prompt = inquire::Password::new("Password:").without_confirmation();
        return Ok(Zeroizing::new(prompt.prompt().context("no password was given")?));
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin()
        .read_line(&mut line)
        .context("no password on standard input")?;
    Ok(Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned()))
}
