//! Passwords that are typed at a prompt without echo, read from standard input, or generated.

use std::io::{IsTerminal as _, Read, Write as _, stderr, stdin};

use anyhow::{Context as _, ensure};
use auth::{
    password::{Hasher, Password, PasswordRule},
    user::Email,
};
use clap::Args;
use config::{ConfigError, Environment};
use inquire::validator::Validation;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    arguments::Output,
    output::{self, Row},
};

const UNASKED: &str = "no password: pass --generate for a generated one, or --password-stdin to pipe one in";
/// The maximum number of bytes to read for a password, which is more than a valid one can have.
const MAX_LENGTH: u64 = 8 * 1024;

/// The source of a new password.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PasswordSource {
    /// Generate a password and show it once, instead of prompting for one.
    #[arg(long)]
    pub(crate) generate: bool,
    /// Read the password from standard input instead of prompting for it; one trailing newline is removed.
    #[arg(long, conflicts_with = "generate")]
    pub(crate) password_stdin: bool,
}

/// A new password, with the string to show if it was generated.
pub(crate) struct NewPassword {
    pub(crate) password: Password,
    pub(crate) generated: Generated,
}

/// The text of a generated password, or nothing if the operator has chosen the password.
pub(crate) struct Generated(Option<Zeroizing<String>>);

/// A result with the generated password as a further member.
#[derive(Serialize)]
struct WithPassword<'a, R> {
    #[serde(flatten)]
    row: R,
    #[serde(skip_serializing_if = "Option::is_none")]
    generated_password: Option<&'a str>,
}

impl Generated {
    /// Shows the password to people, before it is set: a failure afterwards does not lose it. It is not on standard
    /// output, so that a program that reads the result does not also get the password.
    ///
    /// # Errors
    /// If it cannot be shown. The caller must not set it then.
    pub(crate) fn show(&self, output: Output) -> anyhow::Result<()> {
        let (Self(Some(password)), Output::Table | Output::Name) = (self, output) else {
            return Ok(());
        };
        let shown = writeln!(stderr().lock(), "Password (shown only once): {}", **password);
        shown.context("the password cannot be shown on standard error, so nothing was changed")
    }

    /// Prints the result of the command, in JSON with the password.
    pub(crate) fn print_row<R: Row>(&self, row: R, output: Output) -> anyhow::Result<()> {
        let Self(password) = self;
        let (Some(password), Output::Json | Output::Jsonl) = (password, output) else {
            return output::print_row(&row, output);
        };
        let name = row.name();
        let generated_password = Some(password.as_str());
        let whole = WithPassword {
            row,
            generated_password,
        };
        let printed = output::print_result(&whole, &name, output);
        printed.context("nobody has seen the new password: set another with `authctl user set-password --generate`")
    }
}

/// Returns a new password for this user: prompted for twice, read from standard input, or generated.
pub(crate) fn new_password(source: PasswordSource, email: &Email) -> anyhow::Result<NewPassword> {
    if source.generate {
        let text = Password::generate(&mut config::random());
        return Ok(NewPassword {
            password: Password::parse(&text)?,
            generated: Generated(Some(text)),
        });
    }
    let rule = Environment::from_process().password_rule(blocklist::is_common)?;
    let text = if source.password_stdin {
        password_on_stdin()?
    } else {
        ask_password(rule.clone(), email)?
    };
    Ok(NewPassword {
        password: Password::choose(&text, &rule, Some(email))?,
        generated: Generated(None),
    })
}

/// Prompts for a password until it follows the rule, and then for the same password again.
fn ask_password(rule: PasswordRule, email: &Email) -> anyhow::Result<Zeroizing<String>> {
    let help = format!("at least {} characters; a sentence is fine", rule.min_length);
    let email = email.clone();
    let judge = move |text: &str| {
        Ok(match Password::choose(text, &rule, Some(&email)) {
            Ok(_) => Validation::Valid,
            Err(invalid) => Validation::Invalid(invalid.to_string().into()),
        })
    };
    let prompt = inquire::Password::new("Password:")
        .with_help_message(&help)
        .with_validator(judge);
    Ok(Zeroizing::new(prompt.prompt().context(UNASKED)?))
}

/// Returns a hasher with the cost settings of the environment. They should be the same as those of the functions. If
/// they are lower, the user's first login replaces the hash.
pub(crate) fn hasher() -> Result<Hasher, ConfigError> {
    let environment = Environment::from_process();
    let cost = environment.hash_cost()?;
    Ok(Hasher::new(cost))
}

/// Returns an existing password: prompted for without echo, or read from standard input.
pub(crate) fn existing_password(from_stdin: bool) -> anyhow::Result<Zeroizing<String>> {
    if from_stdin {
        return password_on_stdin();
    }
    let prompt = inquire::Password::new("Password:").without_confirmation();
    Ok(Zeroizing::new(prompt.prompt().context("no password")?))
}

fn password_on_stdin() -> anyhow::Result<Zeroizing<String>> {
    const ECHOED: &str = "--password-stdin: standard input is a terminal, which would show the password: pipe it \
    in, or omit the option to be prompted";
    ensure!(!stdin().is_terminal(), ECHOED);
    piped_password(stdin().lock())
}

/// Returns the piped input without the newline that `echo` appends.
fn piped_password(input: impl Read) -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    let mut input = input.take(MAX_LENGTH);
    input
        .read_to_string(&mut text)
        .context("--password-stdin: cannot read standard input")?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password
        .strip_suffix('\r')
        .filter(|_| text.ends_with('\n'))
        .unwrap_or(password);
    ensure!(!password.is_empty(), "--password-stdin: standard input is empty");
    Ok(Zeroizing::new(password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_newline_at_the_end_of_a_piped_password_is_removed() {
        for (piped, password) in [
            ("secret\n", "secret"),
            ("secret\r\n", "secret"),
            ("secret", "secret"),
            ("secret\r", "secret\r"),
            ("secret\n\n", "secret\n"),
            (" two\nlines \n", " two\nlines "),
        ] {
            assert_eq!(*piped_password(piped.as_bytes()).unwrap(), password, "{piped:?}");
        }
    }

    #[test]
    fn an_empty_standard_input_is_not_a_password() {
        for piped in ["", "\n", "\r\n"] {
            let error = piped_password(piped.as_bytes()).unwrap_err();

            assert_eq!(error.to_string(), "--password-stdin: standard input is empty");
        }
        assert!(piped_password(&b"\xff\n"[..]).is_err());
    }
}
