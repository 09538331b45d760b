//! The arguments of `authctl revoke-drill`.

use auth::user::Email;
use clap::{Args, ValueEnum};

use crate::{confirmation::Confirmation, operator::Recording};

/// The arguments of a drill.
#[derive(Args, Debug)]
pub(crate) struct RevokeDrill {
    /// The address of a user to log in with. By default, the drill adds a user of its own and deletes it at the end.
    #[arg(value_parser = Email::parse)]
    pub(crate) email: Option<Email>,
    /// The URL of the API; default: that of the stack.
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// The path of a route behind the authorizer.
    #[arg(long, default_value = "/auth/me")]
    pub(crate) path: String,
    /// How to revoke the token.
    #[arg(long, value_enum, default_value_t = DrillWay::Logout)]
    pub(crate) way: DrillWay,
    /// The maximum number of seconds until the token is refused: the authorizer's poll interval plus the gateway's
    /// cache time; default: those of the stack, or else 5.
    #[arg(long)]
    pub(crate) bound: Option<u64>,
    /// Read the user's password from standard input instead of prompting for it; one trailing newline is removed.
    #[arg(long)]
    pub(crate) password_stdin: bool,
    #[command(flatten)]
    pub(crate) confirmation: Confirmation,
    #[command(flatten)]
    pub(crate) recording: Recording,
}

/// How a drill revokes the token.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DrillWay {
    /// Log out of the session.
    Logout,
    /// Log out everywhere.
    LogoutAll,
    /// End the session through the session list.
    Session,
    /// As an operator, disable the user, which ends all of the user's sessions, and then enable the user again.
    Disable,
}

impl DrillWay {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::LogoutAll => "logout-all",
            Self::Session => "session",
            Self::Disable => "disable",
        }
    }
}
