//! The claims of a verified token, and the draft of one that is still to be signed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Access, Audience, ClientId, DeviceId, Issuer, Refresh, Role, Scope, SessionId, Timestamp, TokenId, TokenKind,
    UserId,
};

/// The claims of a verified token.
///
/// Only [`crate::Verifier::verify`] makes them, so signature, type, issuer, audience and lifetime have been checked.
#[derive(Clone, Debug)]
pub struct Claims<K: TokenKind> {
    pub(crate) sub: UserId,
    pub(crate) jti: TokenId,
    pub(crate) iat: Timestamp,
    pub(crate) exp: Timestamp,
    pub(crate) own: K::Claims,
}

impl<K: TokenKind> Claims<K> {
    /// The user (RFC 7519 s4.1.2).
    #[must_use]
    pub const fn sub(&self) -> &UserId {
        &self.sub
    }

    /// The id of this token (RFC 7519 s4.1.7).
    #[must_use]
    pub const fn jti(&self) -> &TokenId {
        &self.jti
    }

    /// When the token was issued (RFC 7519 s4.1.6).
    #[must_use]
    pub const fn iat(&self) -> Timestamp {
        self.iat
    }

    /// When the token expires (RFC 7519 s4.1.4).
    #[must_use]
    pub const fn exp(&self) -> Timestamp {
        self.exp
    }

    /// The claims that only this kind of token has.
    #[must_use]
    pub const fn own(&self) -> &K::Claims {
        &self.own
    }
}

impl Claims<Access> {
    /// The session that the token belongs to.
    #[must_use]
    pub const fn sid(&self) -> &SessionId {
        &self.own.sid
    }
}

impl Claims<Refresh> {
    /// The session that the token belongs to.
    #[must_use]
    pub const fn sid(&self) -> &SessionId {
        &self.own.sid
    }
}

/// Declares the claims that only an access token has, each with the name that it has in the token.
macro_rules! access_claims {
    ($($(#[$doc:meta])+ $name:ident: $type:ty,)+) => {
        /// The claims that only an access token has (RFC 9068 s2.2), besides the registered claims.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct AccessClaims {
            $($(#[$doc])+ pub $name: $type,)+
            /// The user's custom claims. None has a registered or reserved name.
            #[serde(flatten)]
            pub custom: Map<String, Value>,
        }

        impl AccessClaims {
            /// The names of these claims without the custom claims.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];
        }
    };
}

access_claims! {
    /// The session that the token belongs to.
    sid: SessionId,
    /// The client that the token was issued to.
    client_id: ClientId,
    /// The user's permissions.
    scope: Scope,
    /// The user's one role.
    role: Role,
    /// The user's address as they typed it, for display.
    email: String,
    /// When the user last gave their password.
    auth_time: Timestamp,
    /// The user's epoch at login. "Log out everywhere" raises the epoch of the user by one.
    epoch: u64,
}

/// The claims that only a refresh token has, besides the registered claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshClaims {
    /// The session that the token belongs to.
    pub sid: SessionId,
    /// The generation within its session, which grows by one at each rotation.
    #[serde(rename = "gen")]
    pub generation: u64,
    /// The delivery for which it was issued. No other one is accepted.
    pub delivery: Delivery,
}

/// The claims that only a device token has, besides the registered claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceClaims {
    /// The device. It is the same in all its tokens.
    pub device: DeviceId,
    /// When the password used for the login was set. The device stays known until the password changes.
    pub password_changed_at: Timestamp,
}

/// How a refresh token is delivered. It is chosen at login and bound into the token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// In JSON bodies.
    #[default]
    Body,
    /// In a cookie that scripts cannot read, and never in a body.
    Cookie,
}

/// The claims of a token that is still to be signed. Unlike [`Claims`], it proves nothing.
#[derive(Clone, Debug)]
pub struct Draft<K: TokenKind> {
    /// The issuer.
    pub iss: Issuer,
    /// The audience.
    pub aud: Audience,
    /// The user.
    pub sub: UserId,
    /// The id of this token.
    pub jti: TokenId,
    /// When the token is issued. It also selects the signing key.
    pub iat: Timestamp,
    /// When the token expires.
    pub exp: Timestamp,
    /// The claims that only this kind of token has.
    pub own: K::Claims,
}

/// The claims set of a draft as written into the token.
#[derive(Serialize)]
pub(crate) struct ClaimsSet<'a, O> {
    iss: &'a Issuer,
    aud: &'a Audience,
    sub: &'a UserId,
    jti: &'a TokenId,
    iat: Timestamp,
    exp: Timestamp,
    #[serde(flatten)]
    own: &'a O,
}

impl<K: TokenKind> Draft<K> {
    pub(crate) const fn claims_set(&self) -> ClaimsSet<'_, K::Claims> {
        ClaimsSet {
            iss: &self.iss,
            aud: &self.aud,
            sub: &self.sub,
            jti: &self.jti,
            iat: self.iat,
            exp: self.exp,
            own: &self.own,
        }
    }
}
