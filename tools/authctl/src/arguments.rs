//! The arguments that all commands share. The arguments of each command are in its own module.

use std::path::{Path, PathBuf};

use clap::{Arg, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use tokio::sync::OnceCell;

use crate::{
    aws::Session, doctor::Doctor, drill::RevokeDrill, exit::Exit, failure::NoKeyFiles, key::KeyCommand,
    mail::MailCommand, report::Report, session::SessionCommand, stack::Deployment, token::TokenCommand,
    user::UserCommand, why::Why,
};

/// The end of the help of every command.
const MORE: &str = "\
Options of every command, such as --stack, --local and -o json, and exit codes: `authctl --help`";

/// The port of the database of the default local stack.
const DATABASE_PORT: u16 = 8000;
/// The port of a local stack's database minus that of its API.
const BETWEEN_PORTS: u16 = 5_000;

/// Manage the users, sessions and keys of a Gatehouse.
#[derive(Debug, Parser)]
#[command(name = "authctl", version, about)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) target: Target,

    /// The output format.
    #[arg(short, long, value_enum, default_value_t = Output::Table, global = true)]
    pub(crate) output: Output,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// Reads the command line. With an invalid one, or for help, the process ends here.
    pub(crate) fn read() -> Self {
        let matches = hide_common_options(Self::definition()).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// Returns the definition of the command line, with the exit codes in the help.
    pub(crate) fn definition() -> clap::Command {
        Self::command().after_help(exit_codes())
    }
}

/// Leaves the options that every command has out of the help of every command but the first.
fn hide_common_options(definition: clap::Command) -> clap::Command {
    let common = definition.get_arguments().filter(|option| option.is_global_set());
    let hidden: Vec<Arg> = common.map(|option| option.clone().hide(true)).collect();
    definition.mut_subcommands(|command| with_end(command.args(&hidden)))
}

/// Adds the last line to the help of a command and of its subcommands.
fn with_end(command: clap::Command) -> clap::Command {
    command.after_help(MORE).mut_subcommands(with_end)
}

fn exit_codes() -> String {
    let lines = Exit::ALL.map(|exit| format!("{:>5}  {}\n", exit.code(), exit.meaning()));
    let [failed, others @ ..] = lines;
    format!(
        "Exit codes:\n    0  done\n{failed}    2  the command line is invalid\n{}\nMore: docs/authctl.md",
        others.concat()
    )
}

/// The Gatehouse that a command works on.
#[derive(Args, Debug)]
pub(crate) struct Target {
    /// The CloudFormation stack of the Gatehouse. The names of its tables and secrets are read from it.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) stack: Option<String>,

    /// The profile of AWS, as in ~/.aws/config; default: the credentials of the environment.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// The region of AWS; default: the environment variable `AWS_REGION`, or the region of the profile.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) region: Option<String>,

    /// Use the local stack of `cargo dev` instead of AWS.
    #[arg(long, global = true)]
    pub(crate) local: bool,

    /// What is known about the stack, if `--stack` names one.
    #[arg(skip)]
    pub(crate) deployment: Option<Deployment>,

    /// The access to AWS, which is opened when it is first needed.
    #[arg(skip)]
    pub(crate) session: OnceCell<Session>,

    /// The port of the local database; used only with --local.
    #[arg(long, global = true, default_value_t = DATABASE_PORT)]
    pub(crate) database_port: u16,

    /// The users table (stack output `UsersTable`); default: the environment variable `USERS_TABLE`.
    #[arg(long, global = true)]
    pub(crate) users_table: Option<String>,

    /// The credentials table (stack output `CredentialsTable`); default: the environment variable `CREDENTIALS_TABLE`.
    #[arg(long, global = true)]
    pub(crate) credentials_table: Option<String>,

    /// The sessions table (stack output `RefreshTokensTable`); default: the environment variable
    /// `REFRESH_TOKENS_TABLE`.
    #[arg(long, global = true)]
    pub(crate) refresh_tokens_table: Option<String>,

    /// The feed table, which the authorizers read (stack output `AuthorizerFeed`); default: the environment variable
    /// `AUTHORIZER_FEED_TABLE`.
    #[arg(long, global = true)]
    pub(crate) authorizer_feed_table: Option<String>,

    /// The public keys table (stack output `PublicKeysTable`); default: the environment variable `PUBLIC_KEYS_TABLE`.
    #[arg(long, global = true)]
    pub(crate) public_keys_table: Option<String>,

    /// The second factors table (stack output `FactorsTable`); default: the environment variable `FACTORS_TABLE`.
    #[arg(long, global = true)]
    pub(crate) factors_table: Option<String>,

    /// The table of attempts (stack output `AttemptsTable`); default: the environment variable `ATTEMPTS_TABLE`.
    #[arg(long, global = true)]
    pub(crate) attempts_table: Option<String>,

    /// The secret with the access token keys (stack output `AccessKeysSecret`); default: the environment variable
    /// `ACCESS_KEYS_SECRET`.
    #[arg(long, global = true)]
    pub(crate) access_keys_secret: Option<String>,

    /// The secret with the refresh token keys (stack output `RefreshKeysSecret`); default: the environment variable
    /// `REFRESH_KEYS_SECRET`.
    #[arg(long, global = true)]
    pub(crate) refresh_keys_secret: Option<String>,

    /// The table of requested mails (stack output `MailTable`); default: the environment variable `MAIL_TABLE`.
    #[arg(long, global = true)]
    pub(crate) mail_table: Option<String>,

    /// The secret with the mail key (stack output `MailKeySecret`); default: the environment variable
    /// `MAIL_KEY_SECRET`.
    #[arg(long, global = true)]
    pub(crate) mail_key_secret: Option<String>,

    /// The secret with the pseudonym key (stack output `PseudonymKeySecret`); default: the environment variable
    /// `PSEUDONYM_KEY_SECRET`.
    #[arg(long, global = true)]
    pub(crate) pseudonym_key_secret: Option<String>,

    /// The log group of the operators (stack output `OperatorsLog`); default: the environment variable `OPERATORS_LOG`.
    #[arg(long, global = true)]
    pub(crate) operators_log: Option<String>,

    /// The folder of the key files, used with --local and by `token mint` and `token explain`; default: the nearest
    /// `.local/keys` in this folder or a parent, or `.local/port-3001/keys` for the database at port 8001.
    #[arg(long, global = true)]
    keys: Option<PathBuf>,
}

impl Target {
    /// Returns the folder of the key files: the given one, or the nearest one of the stack with this database in the
    /// current folder or its parents. `cargo dev` gives each stack its own folder.
    ///
    /// # Errors
    /// If no folder is given and there is none.
    pub(crate) fn keys(&self) -> Result<PathBuf, NoKeyFiles> {
        let usual = match self.database_port {
            DATABASE_PORT => PathBuf::from(".local/keys"),
            _ => PathBuf::from(format!(".local/port-{}/keys", self.api_port())),
        };
        let nearest = || {
            let here = std::env::current_dir().ok()?;
            let mut folders = here.ancestors().map(|folder| folder.join(&usual));
            folders.find(|keys| keys.is_dir())
        };
        let found = self.keys.clone().or_else(nearest);
        found.ok_or(NoKeyFiles(usual))
    }

    /// Returns the port of the local stack's API.
    pub(crate) const fn api_port(&self) -> u16 {
        self.database_port.saturating_sub(BETWEEN_PORTS)
    }

    /// Returns the folder of the local stack, in which the folder of the key files is.
    ///
    /// # Errors
    /// If no folder of key files is given and there is none.
    pub(crate) fn local_folder(&self) -> Result<PathBuf, NoKeyFiles> {
        Ok(self.keys()?.parent().map(Path::to_owned).unwrap_or_default())
    }
}

/// The output format.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Output {
    /// A table.
    Table,
    /// JSON.
    Json,
    /// One JSON object per line.
    Jsonl,
    /// The id of each result, one per line, for other commands.
    Name,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add, show, change, import and export users.
    #[command(subcommand)]
    User(UserCommand),
    /// List and end a user's sessions.
    #[command(subcommand)]
    Session(SessionCommand),
    /// Measure how long the gateway still accepts a revoked access token: log in, revoke the token, and call a
    /// protected route until the token is refused.
    RevokeDrill(RevokeDrill),
    /// List, rotate and publish the key sets, and retire leaked keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Find out why mails do not arrive, and send a test letter.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Mint access tokens for tests, and inspect or explain any token.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Find out why a request was answered as it was: what the gateway, the authorizer and the function logged about it,
    /// and what is known about its user and session.
    Why(Why),
    /// Examine a stack, or a service at a URL: keys, feed, clock, issuer, caches, CORS, cookies, mail, versions and quota,
    /// each with what to do. Fails if something does not work.
    Doctor(Doctor),
    /// Report what happened in a time: logins, refreshes, denials, latency, and an estimate of what it cost.
    Report(Report),
    /// Show the stack that --stack names: its version, URL, tables and secrets.
    Stack,
    /// Print the script that completes this command line in a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page, for `man -l -`.
    Manual,
}

impl Command {
    /// Returns whether the command works on a stack. The others work on this computer alone.
    pub(crate) const fn needs_stack(&self) -> bool {
        match self {
            Self::User(_)
            | Self::Session(_)
            | Self::RevokeDrill(_)
            | Self::Key(_)
            | Self::Mail(_)
            | Self::Why(_)
            | Self::Doctor(_)
            | Self::Report(_)
            | Self::Stack => true,
            Self::Token(_) | Self::Completions { .. } | Self::Manual => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_place_of_the_users_is_given_before_or_after_the_command() {
        for line in [
            "authctl --local user list --database-port 9",
            "authctl --database-port 9 user list --local",
            "authctl user list --local --database-port 9 --users-table ignored",
        ] {
            let Arguments { target, .. } = Arguments::try_parse_from(line.split(' ')).unwrap();

            assert!(target.local, "{line}");
            assert_eq!(target.database_port, 9, "{line}");
        }
    }

    #[test]
    fn a_name_that_no_user_has_is_refused() {
        assert!(Arguments::try_parse_from(["authctl", "user", "show", "no body"]).is_err());
        assert!(Arguments::try_parse_from(["authctl", "user", "add", "nobody"]).is_err());
    }
}
