//! The command line.

use std::path::{Path, PathBuf};

use auth::user::Email;
use claims::{Access, Algorithm, Audience, Issuer, KeyId, Role, Scope, SessionId, TokenKind as _, UserId};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// The help on AWS credentials.
const AWS_ENVIRONMENT: &str = "\
Without --local, the account is that of the environment: AWS_REGION, AWS_ACCESS_KEY_ID and the others that
`aws configure export-credentials --format env` prints, also for SSO and other profiles.";

/// Manage the users, sessions and keys of a Gatehouse.
#[derive(Debug, Parser)]
#[command(name = "authctl", version, about, after_help = AWS_ENVIRONMENT)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) target: Target,

    /// The output format.
    #[arg(short, long, value_enum, default_value_t = Output::Table, global = true)]
    pub(crate) output: Output,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The Gatehouse that a command works on.
#[derive(Args, Debug)]
pub(crate) struct Target {
    /// Use the local stack of `cargo dev` instead of the AWS account of the environment.
    #[arg(long, global = true)]
    pub(crate) local: bool,

    /// The port of the database, with --local.
    #[arg(long, global = true, default_value_t = 8000)]
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

    /// The secret with the access token keys (stack output `AccessKeysSecret`); default: the environment variable
    /// `ACCESS_KEYS_SECRET`.
    #[arg(long, global = true)]
    pub(crate) access_keys_secret: Option<String>,

    /// The secret with the refresh token keys (stack output `RefreshKeysSecret`); default: the environment variable
    /// `REFRESH_KEYS_SECRET`.
    #[arg(long, global = true)]
    pub(crate) refresh_keys_secret: Option<String>,

    /// The folder of the key files, with --local and for `token mint` and `token explain`; default: `.local/keys` in
    /// the current checkout.
    #[arg(long, global = true)]
    keys: Option<PathBuf>,
}

impl Target {
    /// Returns the folder of the key files: the given one, or the nearest `.local/keys` in this folder or its parents.
    pub(crate) fn keys(&self) -> PathBuf {
        let usual = Path::new(".local/keys");
        let nearest = || {
            let here = std::env::current_dir().ok()?;
            let mut folders = here.ancestors().map(|folder| folder.join(usual));
            folders.find(|keys| keys.is_dir())
        };
        self.keys.clone().or_else(nearest).unwrap_or_else(|| usual.to_owned())
    }
}

/// The output format.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Output {
    /// A table.
    Table,
    /// JSON.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add, show, change, import and export users.
    #[command(subcommand)]
    User(UserCommand),
    /// List and end a user's sessions.
    #[command(subcommand)]
    Session(SessionCommand),
    /// Measure how long the gateway still accepts a revoked access token: log in, revoke, call until refused.
    RevokeDrill(RevokeDrill),
    /// List and rotate the key sets, and retire leaked keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Mint access tokens for tests, and inspect any token.
    #[command(subcommand)]
    Token(TokenCommand),
}

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
    /// List all users.
    List,
    /// Show a user.
    Show {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// Change a user's role; it takes effect with the next access token.
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
    },
    /// Disable a user's login and end all their sessions.
    Disable {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// Enable a user's login again; ended sessions stay ended.
    Enable {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// Delete a user with their sessions and all other data. If it fails midway, run it again.
    Delete {
        #[arg(value_parser = Email::parse)]
        email: Email,
        /// Delete without confirmation.
        #[arg(long)]
        yes: bool,
    },
    /// Import users with their password hashes from another system; existing users stay unchanged.
    Import(Import),
    /// Export all users with their password hashes.
    Export(Export),
}

/// The arguments of an import.
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The file, or - for standard input.
    pub(crate) file: PathBuf,
    /// The file format; default: by the file's extension.
    #[arg(long, value_enum)]
    pub(crate) format: Option<FileFormat>,
    /// Check every line and report what would be done, but write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Also write the refused lines to this file, one JSON object per line.
    #[arg(long)]
    pub(crate) report: Option<PathBuf>,
}

/// The arguments of an export.
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// The file format.
    #[arg(long, value_enum, default_value_t = FileFormat::Jsonl)]
    pub(crate) format: FileFormat,
    /// Write to this new file, readable only by its owner, instead of standard output; it must not exist yet.
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
    },
}

/// The arguments of a drill.
#[derive(Args, Debug)]
pub(crate) struct RevokeDrill {
    /// The email address to log in with.
    #[arg(value_parser = Email::parse)]
    pub(crate) email: Email,
    /// The URL of the API.
    #[arg(long, default_value = "http://localhost:3000")]
    pub(crate) url: String,
    /// A path behind the authorizer.
    #[arg(long, default_value = "/auth/me")]
    pub(crate) path: String,
    /// How to revoke the token.
    #[arg(long, value_enum, default_value_t = DrillWay::Logout)]
    pub(crate) way: DrillWay,
    /// The seconds within which the token must be refused: the authorizer's poll interval plus the gateway's cache.
    #[arg(long, default_value_t = 5)]
    pub(crate) bound: u64,
    /// Read the password from standard input instead of prompting for it; one trailing newline is removed.
    #[arg(long)]
    pub(crate) password_stdin: bool,
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
    /// Disable the user for a moment, as an operator; this ends all their sessions.
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

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys of both key sets with their schedule.
    List,
    /// Rotate a key set early: publish a successor now, which signs as soon as every verifier has it.
    Rotate {
        /// The key set.
        #[arg(value_enum)]
        set: KeySetName,
    },
    /// Retire a leaked key now: nothing that it signed is accepted any more, and another key signs.
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
        /// The algorithm of a new access key, if one is needed; default: that of the newest key.
        #[arg(long, value_parser = algorithm)]
        algorithm: Option<Algorithm>,
    },
    /// Publish the public keys again, after their table was lost or restored.
    Publish,
}

/// A key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeySetName {
    /// The access token keys.
    Access,
    /// The refresh token keys.
    Refresh,
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    let found = name.parse().ok().filter(|found| Access::ALGORITHMS.contains(found));
    found.ok_or_else(|| format!("must be one of {:?}", Access::ALGORITHMS))
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Sign an access token with the key files of a folder.
    Mint(Mint),
    /// Show a token's header and claims without verifying it.
    Inspect {
        /// The token, or - for standard input.
        token: String,
    },
    /// Show each check that the authorizer makes for a token and a route, with its result.
    Explain(Explain),
}

/// The arguments of a new token.
#[derive(Args, Debug)]
pub(crate) struct Mint {
    #[command(flatten)]
    pub(crate) parties: Parties,
    /// The user's id.
    #[arg(long, default_value = "minted-user")]
    pub(crate) sub: UserId,
    /// The user's role.
    #[arg(long, default_value = "user")]
    pub(crate) role: Role,
    /// The user's permissions, separated by spaces.
    #[arg(long, default_value = "")]
    pub(crate) scope: Scope,
    /// The token's lifetime in seconds.
    #[arg(long, default_value_t = 900)]
    pub(crate) seconds: u64,
    /// Print this sample event with the token in place of `no.real.token`, instead of the bare token.
    #[arg(long)]
    pub(crate) event: Option<PathBuf>,
}

/// The arguments of a decision to explain.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The token, or - for standard input.
    pub(crate) token: String,
    /// The request's method.
    pub(crate) method: String,
    /// The request's path.
    pub(crate) path: String,
    /// The id of the API that is called; by default, the rules of all APIs apply.
    #[arg(long)]
    pub(crate) api: Option<String>,
    /// The gateway's route key, such as 'ANY /{proxy+}'; by default, it is unknown.
    #[arg(long)]
    pub(crate) route: Option<String>,
    /// What else the gateway's cached answer applies to: nothing or the route (simple answer), or the stage (policy).
    #[arg(long, value_enum, default_value_t = KeptFor::Nothing)]
    pub(crate) kept_for: KeptFor,
    #[command(flatten)]
    pub(crate) parties: Parties,
}

/// What else a gateway's cached answer applies to.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KeptFor {
    /// Nothing else: a simple answer without a cache.
    Nothing,
    /// The whole route: a simple answer with a cache.
    Route,
    /// The whole stage: a policy.
    Stage,
}

/// The issuer and the audience of tokens; the defaults are those of `cargo dev`.
#[derive(Args, Debug)]
pub(crate) struct Parties {
    /// The issuer.
    #[arg(long, default_value = "http://localhost:3000")]
    pub(crate) issuer: Issuer,
    /// The audience.
    #[arg(long, default_value = "gatehouse-local")]
    pub(crate) audience: Audience,
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
    fn where_the_users_are_can_be_said_before_and_after_the_command() {
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
    fn an_address_that_is_none_is_refused() {
        assert!(Arguments::try_parse_from(["authctl", "user", "show", "nobody"]).is_err());
    }
}
