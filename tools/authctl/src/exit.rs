//! The exit codes, which `docs/authctl.md` lists.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command failed for a reason that has no code of its own.
    Failed,
    /// There is no such user, session or key, or no such stack, table or secret.
    NotFound,
    /// The operator did not confirm the change or give the reason, or there was no terminal to ask on.
    Unconfirmed,
    /// AWS or the local stack did not answer, or it throttled the request. The same command may work later.
    Unavailable,
    /// There are no valid credentials, or they do not permit the request.
    Denied,
    /// The command was done, but its output could not be written.
    Unprinted,
    /// An import refused some lines, and imported the others.
    Refused,
    /// An examination found a problem, or could not be made in full.
    Unhealthy,
    /// The operator interrupted the command.
    Interrupted,
}

impl Exit {
    /// All exit codes of failures, in ascending order.
    pub(crate) const ALL: [Self; 9] = [
        Self::Failed,
        Self::NotFound,
        Self::Unconfirmed,
        Self::Unavailable,
        Self::Denied,
        Self::Unprinted,
        Self::Refused,
        Self::Unhealthy,
        Self::Interrupted,
    ];

    /// Returns the number. `clap` uses 2 for an invalid command line, and shells use 130 for an interrupted command.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::NotFound => 3,
            Self::Unconfirmed => 4,
            Self::Unavailable => 5,
            Self::Denied => 6,
            Self::Unprinted => 7,
            Self::Refused => 8,
            Self::Unhealthy => 9,
            Self::Interrupted => 130,
        }
    }

    /// Returns the line about the code in the help.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Failed => "the command failed for any other reason",
            Self::NotFound => "no such user, session, key, stack, table or secret",
            Self::Unconfirmed => "not confirmed, or no terminal to ask on: pass --yes and --reason",
            Self::Unavailable => "no answer, or throttled: run the command again",
            Self::Denied => "no valid credentials, or they do not permit this",
            Self::Unprinted => "done, but the output could not be written",
            Self::Refused => "the import refused some lines, and imported the others",
            Self::Unhealthy => "the doctor found a problem, or could not examine everything",
            Self::Interrupted => "interrupted with Ctrl-C, or terminated",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_exit_code() {
        let page = include_str!("../../../docs/authctl.md");

        for exit in Exit::ALL {
            let row = format!("| {} | {} |", exit.code(), exit.meaning());
            assert!(page.contains(&row), "docs/authctl.md needs the row: {row}");
        }
    }
}
