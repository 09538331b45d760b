//! What can be said on the command line.

use std::path::{Path, PathBuf};

use auth::user::Email;
use claims::{Access, Algorithm, Audience, Issuer, KeyId, Role, Scope, SessionId, TokenKind as _, UserId};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// How the command finds an account.
const AWS_ENVIRONMENT: &str = "\
Without --local, the account is that of the environment: AWS_REGION, AWS_ACCESS_KEY_ID and the others that
`aws configure export-credentials --format env` prints, also for SSO and other profiles.";

/// Keep the users of a Gatehouse.
#[derive(Debug, Parser)]
#[command(name = "authctl", version, about, after_help = AWS_ENVIRONMENT)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) target: Target,

    /// How results are shown.
    #[arg(short, long, value_enum, default_value_t = Output::Table, global = true)]
    pub(crate) output: Output,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which Gatehouse.
#[derive(Args, Debug)]
pub(crate) struct Target {
    /// The local stack that `cargo dev` runs, instead of the AWS account of the environment.
    #[arg(long, global = true)]
    pub(crate) local: bool,

    /// With --local, the port of the stack's database.
    #[arg(long, global = true, default_value_t = 8000)]
    pub(crate) database_port: u16,

    /// Without --local, the table of users, as the stack's output `UsersTable` names it; `USERS_TABLE` unless given.
    #[arg(long, global = true)]
    pub(crate) users_table: Option<String>,

    /// Without --local, the table of credentials, as the stack's output `CredentialsTable` names it;
    /// `CREDENTIALS_TABLE` unless given.
    #[arg(long, global = true)]
    pub(crate) credentials_table: Option<String>,

    /// Without --local, the table of sessions, as the stack's output `RefreshTokensTable` names it;
    /// `REFRESH_TOKENS_TABLE` unless given.
    #[arg(long, global = true)]
    pub(crate) refresh_tokens_table: Option<String>,

    /// Without --local, the table of what authorizers must know, as the stack's output `AuthorizerFeed` names it;
    /// `AUTHORIZER_FEED_TABLE` unless given.
    #[arg(long, global = true)]
    pub(crate) authorizer_feed_table: Option<String>,

    /// Without --local, the table of the public keys, as the stack's output `PublicKeysTable` names it;
    /// `PUBLIC_KEYS_TABLE` unless given.
    #[arg(long, global = true)]
    pub(crate) public_keys_table: Option<String>,

    /// Without --local, the secret with the keys of access tokens, as the stack's output `AccessKeysSecret` names it;
    /// `ACCESS_KEYS_SECRET` unless given.
    #[arg(long, global = true)]
    pub(crate) access_keys_secret: Option<String>,

    /// Without --local, the secret with the keys of refresh tokens, as the stack's output `RefreshKeysSecret` names it;
    /// `REFRESH_KEYS_SECRET` unless given.
    #[arg(long, global = true)]
    pub(crate) refresh_keys_secret: Option<String>,

    /// With --local, and for tokens that are minted or explained, the folder of the key files: by default the
    /// `.local/keys` of the checkout that the command is run in.
    #[arg(long, global = true)]
    keys: Option<PathBuf>,
}

impl Target {
    /// The folder of the key files: that which was named, or the nearest `.local/keys` upwards.
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

/// How results are shown.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add users, look at them, change them.
    #[command(subcommand)]
    User(UserCommand),
    /// Look at a user's sessions, and end them.
    #[command(subcommand)]
    Session(SessionCommand),
    /// Measure how long a revoked access token goes on at the gateway: log in, revoke, call until refused.
    RevokeDrill(RevokeDrill),
    /// Look at the key sets, rotate them, retire a key that has leaked.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Make access tokens for tests, and look into any.
    #[command(subcommand)]
    Token(TokenCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add a user. The password is asked for, unless it is to be generated or comes on standard input.
    Add {
        #[arg(value_parser = Email::parse)]
        email: Email,
        /// The user's one role.
        #[arg(long, default_value = "user")]
        role: Role,
        /// The user's permissions, separated by spaces.
        #[arg(long, default_value = "")]
        scope: Scope,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// List every user.
    List,
    /// Show a user.
    Show {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// Change a user's role; the next access token says so.
    SetRole {
        #[arg(value_parser = Email::parse)]
        email: Email,
        role: Role,
    },
    /// Change a user's address; their sessions go on.
    SetEmail {
        #[arg(value_parser = Email::parse)]
        email: Email,
        /// The new address.
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
    /// Keep a user from logging in, and end all their sessions.
    Disable {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// Let a user log in again; the sessions that they had stay ended.
    Enable {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// Delete a user, their sessions, and all else that is kept of them. If it breaks off, do it again.
    Delete {
        #[arg(value_parser = Email::parse)]
        email: Email,
        /// Do not ask whether that is meant.
        #[arg(long)]
        yes: bool,
    },
    /// Import users of another system, with the hashes of their passwords; whoever is there already is left as they are.
    Import(Import),
    /// Export every user, with the hashes of their passwords.
    Export(Export),
}

/// An import.
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The file, or - to read it from standard input.
    pub(crate) file: PathBuf,
    /// How the file is written; as its name ends, unless given.
    #[arg(long, value_enum)]
    pub(crate) format: Option<FileFormat>,
    /// Check every line and say what would be done, but write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the lines that are refused to this file too, as JSON, one a line.
    #[arg(long)]
    pub(crate) report: Option<PathBuf>,
}

/// An export.
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// How users are written.
    #[arg(long, value_enum, default_value_t = FileFormat::Jsonl)]
    pub(crate) format: FileFormat,
    /// Write to this file, which must not be there yet and which only its owner can read, instead of standard output.
    #[arg(long)]
    pub(crate) to: Option<PathBuf>,
}

/// How users are written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    /// A header with the names of the columns, then a line a user (RFC 4180).
    Csv,
    /// A JSON object a line.
    Jsonl,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List the sessions that a user can still refresh, the last used first.
    List {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// End one session of a user, or all of them.
    Revoke {
        #[arg(value_parser = Email::parse)]
        email: Email,
        /// The session, as the list names it.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        sid: Option<SessionId>,
        /// End every session of the user.
        #[arg(long)]
        all: bool,
    },
}

/// A drill.
#[derive(Args, Debug)]
pub(crate) struct RevokeDrill {
    /// Who logs in.
    #[arg(value_parser = Email::parse)]
    pub(crate) email: Email,
    /// The URL of the API.
    #[arg(long, default_value = "http://localhost:3000")]
    pub(crate) url: String,
    /// A path that the authorizer guards.
    #[arg(long, default_value = "/auth/me")]
    pub(crate) path: String,
    /// How the token is revoked.
    #[arg(long, value_enum, default_value_t = DrillWay::Logout)]
    pub(crate) way: DrillWay,
    /// The seconds after which it must be refused: the authorizer's poll and the gateway's cache.
    #[arg(long, default_value_t = 5)]
    pub(crate) bound: u64,
    /// Read the password from standard input instead of asking for it; one newline at its end is none of it.
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// How a drill revokes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DrillWay {
    /// By logging out of the session.
    Logout,
    /// By logging out everywhere.
    LogoutAll,
    /// By ending the session from the list.
    Session,
    /// By disabling the user for a moment, as an operator, which ends all their sessions.
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

/// Where a new password comes from.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PasswordSource {
    /// Generate a password and show it once, instead of asking for one.
    #[arg(long)]
    pub(crate) generate: bool,
    /// Read the password from standard input instead of asking for it; one newline at its end is none of it.
    #[arg(long, conflicts_with = "generate")]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys of both sets with their schedule.
    List,
    /// Rotate a key set before its time: a successor is published now and signs once every verifier has it.
    Rotate {
        /// The key set.
        #[arg(value_enum)]
        set: KeySetName,
    },
    /// Retire a key that has leaked, now: nothing that it signed is accepted any more, and another one signs.
    Retire {
        /// The key set.
        #[arg(value_enum)]
        set: KeySetName,
        /// The key, as the list names it.
        #[arg(required_unless_present = "all", conflicts_with = "all", allow_hyphen_values = true)]
        kid: Option<KeyId>,
        /// Retire every key of the set; of refresh tokens, that ends all sessions.
        #[arg(long)]
        all: bool,
        /// What a new access key is for, if one is needed; what the newest one is for, unless given.
        #[arg(long, value_parser = algorithm)]
        algorithm: Option<Algorithm>,
    },
    /// Publish the public keys once more, for a table that was lost or restored.
    Publish,
}

/// A key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeySetName {
    /// The keys of access tokens.
    Access,
    /// The keys of refresh tokens.
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
    /// Show what a token says, without believing it.
    Inspect {
        /// The token, or - to read it from standard input.
        token: String,
    },
    /// Show every check that the authorizer makes of a token and a route, and its result.
    Explain(Explain),
}

/// A token that is to be signed.
#[derive(Args, Debug)]
pub(crate) struct Mint {
    #[command(flatten)]
    pub(crate) parties: Parties,
    /// The user's id.
    #[arg(long, default_value = "minted-user")]
    pub(crate) sub: UserId,
    /// The user's one role.
    #[arg(long, default_value = "user")]
    pub(crate) role: Role,
    /// The user's permissions, separated by spaces.
    #[arg(long, default_value = "")]
    pub(crate) scope: Scope,
    /// How long it lives.
    #[arg(long, default_value_t = 900)]
    pub(crate) seconds: u64,
    /// Print this sample event with the token in the place of `no.real.token`, instead of the token.
    #[arg(long)]
    pub(crate) event: Option<PathBuf>,
}

/// A decision that is to be made again.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The token, or - to read it from standard input.
    pub(crate) token: String,
    /// The method of the request.
    pub(crate) method: String,
    /// Its path.
    pub(crate) path: String,
    /// The id of the API that it is for; rules of every API hold unless given.
    #[arg(long)]
    pub(crate) api: Option<String>,
    /// The gateway's name of the route, such as 'ANY /{proxy+}'; it is not known unless given.
    #[arg(long)]
    pub(crate) route: Option<String>,
    /// For what else the gateway keeps the answer: a simple one for nothing or its route, a policy for its stage.
    #[arg(long, value_enum, default_value_t = KeptFor::Nothing)]
    pub(crate) kept_for: KeptFor,
    #[command(flatten)]
    pub(crate) parties: Parties,
}

/// For what else a gateway keeps an answer.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KeptFor {
    /// A simple answer without a cache.
    Nothing,
    /// A simple answer with a cache.
    Route,
    /// A policy.
    Stage,
}

/// Who issues tokens and whom they are for; those of the stack that `cargo dev` runs, unless given.
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
