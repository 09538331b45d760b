//! What can be said on the command line.

use std::path::PathBuf;

use auth::Email;
use claims::{Role, Scope};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Keep the users of a Gatehouse.
#[derive(Debug, Parser)]
#[command(name = "authctl", version, about)]
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

    /// The port of the local stack's database.
    #[arg(long, global = true, default_value_t = 8000, requires = "local")]
    pub(crate) database_port: u16,

    /// The table of users, as the stack's output `UsersTable` names it.
    #[arg(long, global = true, env = "USERS_TABLE", conflicts_with = "local")]
    pub(crate) users_table: Option<String>,
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
    /// Make the keys of a new deployment.
    #[command(subcommand)]
    Key(KeyCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add a user. The password is asked for, unless it is to be generated.
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
    /// Replace a user's password and end all their sessions.
    SetPassword {
        #[arg(value_parser = Email::parse)]
        email: Email,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Keep a user from logging in and refreshing.
    Disable {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
    /// Let a user log in again.
    Enable {
        #[arg(value_parser = Email::parse)]
        email: Email,
    },
}

/// Where a new password comes from.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PasswordSource {
    /// Generate a password and show it once, instead of asking for one.
    #[arg(long)]
    pub(crate) generate: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Write `access-keys.json`, `refresh-keys.json` and `jwks.json` into a folder, for a new deployment.
    New {
        /// The folder; files that are there already are never overwritten.
        folder: PathBuf,
    },
}
