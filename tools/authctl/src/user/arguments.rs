//! The arguments of `authctl user`.

use std::path::PathBuf;

use auth::{mail::Language, user::Email};
use claims::{Role, Scope};
use clap::{Args, Subcommand, ValueEnum};

use crate::{confirmation::Confirmation, password::PasswordSource};

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add a user; by default, prompt for the password.
    Add {
        #[arg(value_parser = Email::parse)]
        email: Email,
        /// The user's role.
        #[arg(long, default_value = "user")]
        role: Role,
        /// The user's permissions, separated by spaces.
        #[arg(long, default_value = "")]
        scope: Scope,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Invite a person by mail: they choose the password, and then the user exists.
    Invite {
        #[arg(value_parser = Email::parse)]
        email: Email,
        /// The user's role.
        #[arg(long, default_value = "user")]
        role: Role,
        /// The user's permissions, separated by spaces.
        #[arg(long, default_value = "")]
        scope: Scope,
        #[command(flatten)]
        language: LetterLanguage,
    },
    /// Mail a user a link with which they set a new password; the present one is valid until then.
    Reset {
        #[arg(value_parser = Email::parse)]
        email: Email,
        #[command(flatten)]
        language: LetterLanguage,
    },
    /// List all users.
    List,
    /// Show a user.
    Show {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// Change a user's role; access tokens with the old role are refused.
    SetRole {
        #[arg(value_parser = Email::parse)]
        email: Email,
        role: Role,
    },
    /// Change a user's email address; their sessions continue.
    SetEmail {
        #[arg(value_parser = Email::parse)]
        email: Email,
        /// The new email address.
        #[arg(value_parser = Email::parse)]
        new: Email,
    },
    /// Replace a user's password and end all their sessions.
    SetPassword {
        #[arg(value_parser = Email::parse)]
        email: Email,
        #[command(flatten)]
        password: PasswordSource,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Show a user's second factors.
    Factors {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// Remove all second factors of a user who has lost them, and end all their sessions.
    ResetFactors {
        #[arg(value_parser = Email::parse)]
        email: Email,
        /// Why, for the record: how you made sure who asked for it.
        #[arg(long, value_parser = parse_reason)]
        reason: String,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Disable a user's login and end all their sessions.
    Disable {
        #[arg(value_parser = Email::parse)]
        email: Email,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Enable a user's login again; ended sessions stay ended.
    Enable {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// Delete a user with their sessions and all other data. If this fails midway, run it again.
    Delete {
        #[arg(value_parser = Email::parse)]
        email: Email,
        #[command(flatten)]
        confirmation: Confirmation,
    },
    /// Import users with their password hashes from another system; existing users stay unchanged.
    Import(Import),
    /// Export all users with their password hashes.
    Export(Export),
}

/// Parses the reason of a reset.
fn parse_reason(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_plain = !text.is_empty() && text.len() <= 1_000 && !text.chars().any(char::is_control);
    is_plain
        .then(|| text.to_owned())
        .ok_or("a reason has 1 to 1,000 bytes and no control characters")
}

/// The language of a letter.
#[derive(Args, Debug)]
pub(crate) struct LetterLanguage {
    /// The language of the letter, such as en or de; default: the stack's `MailLanguage`.
    #[arg(long, value_parser = Language::parse)]
    pub(crate) language: Option<Language>,
}

/// The arguments of an import.
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The file, or - for standard input.
    pub(crate) file: PathBuf,
    /// The file format; default: the format of the file's extension.
    #[arg(long, value_enum)]
    pub(crate) format: Option<FileFormat>,
    /// Check every line and report what would be done, but write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write all refused lines to this file, one JSON object per line. The terminal shows the first 20.
    #[arg(long)]
    pub(crate) report: Option<PathBuf>,
}

/// The arguments of an export.
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// The file format.
    #[arg(long, value_enum, default_value_t = FileFormat::Jsonl)]
    pub(crate) format: FileFormat,
    /// Write to this new file, readable only by its owner, instead of standard output. It must not exist yet, and it
    /// appears when it is complete.
    #[arg(long)]
    pub(crate) to: Option<PathBuf>,
}

/// The format of a file of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    /// A header with the column names, then one line per user (RFC 4180).
    Csv,
    /// One JSON object per line.
    Jsonl,
}
