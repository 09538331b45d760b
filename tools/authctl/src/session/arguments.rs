//! The arguments of `authctl session`.

use auth::user::Email;
use claims::SessionId;
use clap::Subcommand;

use crate::confirmation::Confirmation;

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List a user's live sessions, newest first.
    List {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// End one or all of a user's sessions.
    Revoke {
        #[arg(value_parser = Email::parse)]
        email: Email,
        /// The session id, as listed.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        sid: Option<SessionId>,
        /// End all of the user's sessions.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        confirmation: Confirmation,
    },
}
