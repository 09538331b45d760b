//! The claims of a verified token, and the draft of one that is still to be signed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Access, Audience, ClientId, DeviceId, Issuer, Refresh, Role, Scope, SessionId, Timestamp, TokenId, TokenKind,
    UserId,
};

/// What a verified token says.
///
/// There is no way to make one but [`crate::Verifier::verify`], so whoever holds it knows that signature,
/// type, issuer, audience and life were checked.
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

    /// This very token (RFC 7519 s4.1.7).
    #[must_use]
    pub const fn jti(&self) -> &TokenId {
        &self.jti
    }

    /// When it was issued (RFC 7519 s4.1.6).
    #[must_use]
    pub const fn iat(&self) -> Timestamp {
        self.iat
    }

    /// When it expires (RFC 7519 s4.1.4).
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

/// What only an access token says (RFC 9068 s2.2), beside the registered claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The session that the token belongs to.
    pub sid: SessionId,
    /// The client that the token was issued to.
    pub client_id: ClientId,
    /// The user's permissions.
    pub scope: Scope,
    /// The user's one role.
    pub role: Role,
    /// The user's address as they typed it, for show.
    pub email: String,
    /// When the user last gave their password.
    pub auth_time: Timestamp,
    /// The user's epoch at login: "log out everywhere" adds one to the user's.
    pub epoch: u64,
    /// The user's custom claims; none has a registered or reserved name.
    #[serde(flatten)]
    pub custom: Map<String, Value>,
}

/// What only a refresh token says, beside the registered claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshClaims {
    /// The session that the token belongs to.
    pub sid: SessionId,
    /// The generation in its session: one more at each rotation.
    #[serde(rename = "gen")]
    pub generation: u64,
    /// The way by which it was issued, and the only one by which it is accepted.
    pub delivery: Delivery,
}

/// What only a device token says, beside the registered claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceClaims {
    /// The device, the same in every token that it is given.
    pub device: DeviceId,
    /// When the password was set with which it logged in: a device is known until the next change.
    pub password_changed_at: Timestamp,
}

/// How a refresh token travels; chosen at login and bound into the token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// In JSON bodies.
    #[default]
    Body,
    /// In a cookie that no script can read, and never in a body.
    Cookie,
}

/// The claims of a token that is still to be signed; unlike [`Claims`] it proves nothing.
#[derive(Clone, Debug)]
pub struct Draft<K: TokenKind> {
    /// Who issues it.
    pub iss: Issuer,
    /// Whom it is for.
    pub aud: Audience,
    /// The user.
    pub sub: UserId,
    /// This very token.
    pub jti: TokenId,
    /// When it is issued; also selects the key that signs it.
    pub iat: Timestamp,
    /// When it expires.
    pub exp: Timestamp,
    /// The claims that only this kind of token has.
    pub own: K::Claims,
}

/// The claims set of a draft as it stands in the token.
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
