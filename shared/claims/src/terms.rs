//! The settings that all tokens of a service share.

use crate::{Audience, ClientId, Issuer, Span};

/// The settings that all tokens of a service share.
#[derive(Clone, Debug)]
pub struct TokenTerms {
    /// The issuer.
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
    /// The lifetime of an access token.
    pub access: Span,
    /// The lifetime of an unused refresh token, which is the session's idle limit.
    pub idle: Span,
    /// The lifetime of a session, however often it is refreshed.
    pub absolute: Span,
}
