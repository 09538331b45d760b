//! The arguments of `authctl session`.

use claims::SessionId;
use clap::Subcommand;

use crate::{confirmation::Confirmation, named_user::NamedUser, operator::Recording};

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List a user's live sessions, newest first.
    List {
        /// The user's address or id.
        user: NamedUser,
    },
    /// End one or all of a user's sessions.
    Revoke {
        /// The user's address or id.
        user: NamedUser,
        /// The session id, as listed.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        sid: Option<SessionId>,
        /// End all of the user's sessions.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        recording: Recording,
    },
}
