//! The arguments of `authctl token`.

use std::path::PathBuf;

use claims::{Audience, Issuer, Role, Scope, UserId};
use clap::{Args, Subcommand, ValueEnum};

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

/// The arguments of `token mint`.
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

/// The arguments of `token explain`.
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
    /// The gateway's route key, such as 'ANY /{proxy+}'; by default, the route is unknown.
    #[arg(long)]
    pub(crate) route: Option<String>,
    /// For which other requests the gateway may reuse the authorizer's answer.
    #[arg(long, value_enum, default_value_t = KeptFor::Nothing)]
    pub(crate) kept_for: KeptFor,
    #[command(flatten)]
    pub(crate) parties: Parties,
}

/// The other requests for which the gateway may reuse a cached answer of the authorizer.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KeptFor {
    /// For no other request: the API gets simple answers and does not cache them.
    Nothing,
    /// For all requests of the same route: the API gets simple answers and caches them.
    Route,
    /// For all requests of the whole stage: the API gets policies.
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
