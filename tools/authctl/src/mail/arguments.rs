//! The arguments of `authctl mail`.

use auth::user::Email;
use clap::{Subcommand, ValueEnum};

use crate::{named_user::NamedUser, operator::Recording, user::LetterLanguage};

#[derive(Debug, Subcommand)]
pub(crate) enum MailCommand {
    /// Show what is known about mails to an address, and what to do: the last request and the limit, and in SES the
    /// suppression list and the account. Nothing is sent.
    Status {
        /// An address, or the id of a user.
        user: NamedUser,
        /// How the stack sends letters (its parameter `MailVia`). With `event`, and with --local, SES is not asked.
        #[arg(long, value_enum, default_value_t = Via::Ses)]
        via: Via,
    },
    /// Send a test letter as the stack sends every other letter, and wait for the result. It needs no user, and counts
    /// as a request for a mail.
    Test {
        #[arg(value_parser = Email::parse)]
        email: Email,
        #[command(flatten)]
        language: LetterLanguage,
        /// For how many seconds to wait for the mailer.
        #[arg(long, default_value_t = 60)]
        wait: u64,
        #[command(flatten)]
        recording: Recording,
    },
}

/// How a stack sends letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Via {
    /// With Amazon SES.
    Ses,
    /// As events on a bus.
    Event,
}
