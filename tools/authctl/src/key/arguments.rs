//! The arguments of `authctl key`.

use claims::{Access, Algorithm, KeyId, TokenKind as _};
use clap::{Subcommand, ValueEnum};

use crate::{confirmation::Confirmation, operator::Recording};

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys of both key sets with their schedule.
    List,
    /// Rotate a key set early: publish a successor now; it signs once every verifier has had time to fetch it.
    Rotate {
        /// The key set.
        #[arg(value_enum)]
        set: KeySetName,
        #[command(flatten)]
        recording: Recording,
    },
    /// Retire a leaked key now: tokens that it signed are refused, and another key signs.
    Retire {
        /// The key set.
        #[arg(value_enum)]
        set: KeySetName,
        /// The key id, as listed.
        #[arg(required_unless_present = "all", conflicts_with = "all", allow_hyphen_values = true)]
        kid: Option<KeyId>,
        /// Retire every key of the set; for refresh tokens, this ends all sessions.
        #[arg(long)]
        all: bool,
        /// The algorithm of a new access key, if one is needed; default: the algorithm of the newest key.
        #[arg(long, value_parser = algorithm)]
        algorithm: Option<Algorithm>,
        #[command(flatten)]
        confirmation: Confirmation,
        #[command(flatten)]
        recording: Recording,
    },
    /// Publish the public keys again, after their table was lost or restored.
    Publish {
        #[command(flatten)]
        recording: Recording,
    },
}

/// A key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeySetName {
    /// The access token keys.
    Access,
    /// The refresh token keys.
    Refresh,
}

impl KeySetName {
    /// Returns the word for the set on the command line, in the output and in the log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    let found = name.parse().ok().filter(|found| Access::ALGORITHMS.contains(found));
    found.ok_or_else(|| format!("must be one of {:?}", Access::ALGORITHMS))
}
