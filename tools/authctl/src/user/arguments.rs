//! The arguments of `authctl user`.

use std::{num::NonZeroUsize, path::PathBuf};

use auth::{
    mail::Language,
    user::{Email, Status},
};
use claims::{Role, Scope};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value};

use crate::{confirmation::Confirmation, named_user::NamedUser, operator::Recording, password::PasswordSource};

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
        #[command(flatten)]
        recording: Recording,
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
        #[command(flatten)]
        recording: Recording,
    },
    /// Mail a user a link with which they set a new password; the present one is valid until then.
    Reset {
        /// The user's address or id.
        user: NamedUser,
        #[command(flatten)]
        language: LetterLanguage,
        #[command(flatten)]
        recording: Recording,
    },
    /// List users, or those that all given filters match.
    List(List),
    /// Show a user with their sessions, their last login, and what holds up their logins.
    Show {
        /// The user's address or id.
        user: NamedUser,
    },
    /// Change a user's role; access tokens with the old role are refused.
    SetRole {
        /// The user's address or id.
        user: NamedUser,
        role: Role,
        #[command(flatten)]
        recording: Recording,
    },
    /// Change a user's permissions; access tokens with the old scope are refused.
    SetScope {
        /// The user's address or id.
        user: NamedUser,
        /// The new permissions, separated by spaces; "" for none.
        scope: Scope,
        #[command(flatten)]
        recording: Recording,
    },
    /// Replace all custom claims of a user; access tokens with the old claims are refused.
    SetClaims {
        /// The user's address or id.
        user: NamedUser,
        /// The new claims, as a JSON object; {} for none.
        #[arg(value_parser = parse_claims)]
        claims: CustomClaims,
        #[command(flatten)]
        recording: Recording,
    },
    /// Change a user's email address; their sessions continue.
    SetEmail {
        /// The user's address or id.
        user: NamedUser,
        /// The new email address.
        #[arg(value_parser = Email::parse)]
        new: Email,
        #[command(flatten)]
        recording: Recording,
    },
    /// Replace a user's password and end all their sessions.
    SetPassword {
        /// The user's address or id.
        user: NamedUser,
        #[command(flatten)]
        password: PasswordSource,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        recording: Recording,
    },
    /// Show a user's second factors.
    Factors {
        /// The user's address or id.
        user: NamedUser,
    },
    /// Remove all second factors of a user who has lost them, and end all their sessions.
    ResetFactors {
        /// The user's address or id.
        user: NamedUser,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        recording: Recording,
    },
    /// Forget a user's failed attempts, so that the next one is admitted at once.
    Unlock {
        /// The user's address or id.
        user: NamedUser,
        /// What to forget.
        #[arg(long, value_enum, default_value_t = Unlocking::Logins)]
        what: Unlocking,
        #[command(flatten)]
        recording: Recording,
    },
    /// Disable a user's login and end all their sessions.
    Disable {
        /// The user's address or id.
        user: NamedUser,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        recording: Recording,
    },
    /// Enable a user's login again; ended sessions stay ended.
    Enable {
        /// The user's address or id.
        user: NamedUser,
        #[command(flatten)]
        recording: Recording,
    },
    /// Delete a user with their sessions and all other data. If this fails midway, run it again.
    Delete {
        /// The user's address or id.
        user: NamedUser,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        recording: Recording,
    },
    /// Import users with their password hashes from another system; existing users stay unchanged.
    Import(Import),
    /// Export all users with their password hashes.
    Export(Export),
}

/// The failed attempts that an unlocking forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Unlocking {
    /// Those at the password and at codes from mails.
    Logins,
    /// Codes of the second factor too. Someone who tried many of these knows the password or reads the mail.
    Everything,
}

impl Unlocking {
    /// Returns the word on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Logins => "logins",
            Self::Everything => "everything",
        }
    }
}

/// The custom claims of a user.
pub(crate) type CustomClaims = Map<String, Value>;

fn parse_claims(text: &str) -> Result<CustomClaims, String> {
    serde_json::from_str(text).map_err(|error| format!("must be a JSON object: {error}"))
}

/// The filters of a list.
#[derive(Args, Debug, Default)]
pub(crate) struct List {
    /// List only users with this status.
    #[arg(long, value_parser = parse_status)]
    pub(crate) status: Option<Status>,
    /// List only users with this role.
    #[arg(long)]
    pub(crate) role: Option<Role>,
    /// List only users whose scope has this token.
    #[arg(long, value_parser = parse_scope_token)]
    pub(crate) scope: Option<String>,
    /// List only users whose address starts with this text, in upper or lower case.
    #[arg(long)]
    pub(crate) email_prefix: Option<String>,
    /// Stop after this many users. They are those that were found first, and not the oldest ones.
    #[arg(long)]
    pub(crate) limit: Option<NonZeroUsize>,
}

fn parse_status(text: &str) -> Result<Status, String> {
    let found = Status::ALL.iter().find(|status| status.as_str() == text);
    let names = || Status::ALL.iter().map(|status| status.as_str()).collect::<Vec<_>>();
    found
        .copied()
        .ok_or_else(|| format!("must be one of {}", names().join(", ")))
}

fn parse_scope_token(text: &str) -> Result<String, &'static str> {
    let is_token = Scope::parse(text).is_ok() && !text.is_empty() && !text.contains(' ');
    is_token.then(|| text.to_owned()).ok_or("must be one scope token")
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
    #[command(flatten)]
    pub(crate) recording: Recording,
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
    #[command(flatten)]
    pub(crate) recording: Recording,
}

/// The format of a file of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    /// A header with the column names, then one line per user (RFC 4180).
    Csv,
    /// One JSON object per line.
    Jsonl,
}
