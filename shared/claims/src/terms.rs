//! What all tokens of one service have in common.

use crate::{Audience, ClientId, Issuer, Seconds};

/// What every token of this service says, and how long it lives.
#[derive(Clone, Debug)]
pub struct TokenTerms {
    /// Who issues.
    pub issuer: Issuer,
    /// The API that access tokens are for.
    pub audience: Audience,
    /// The client that tokens are issued to.
    pub client_id: ClientId,
    /// How long tokens and sessions live.
    pub lifetimes: Lifetimes,
}

/// How long tokens and sessions live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// An access token.
    pub access: Seconds,
    /// A refresh token that is not used: the session's idle limit.
    pub idle: Seconds,
    /// A session, refreshed or not.
    pub absolute: Seconds,
}
