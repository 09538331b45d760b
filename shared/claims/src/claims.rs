//! The claims of a verified token, and the draft of a token that is not signed yet.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Access, Acr, Amr, Audience, ClientId, DeviceId, Issuer, Refresh, Role, Scope, SessionId, Timestamp, TokenId,
    TokenKind, UserId,
    json::{Member, Members},
};

/// The claims of a verified token.
///
/// Only a [`crate::Verifier`] makes them, so the signature, type, issuer and audience have been checked. The lifetime
/// has been checked too, except by [`crate::Verifier::verify_of_any_age`].
#[derive(Clone, Debug)]
pub struct Claims<K: TokenKind> {
    pub(crate) sub: UserId,
    pub(crate) jti: TokenId,
    pub(crate) iat: Timestamp,
    pub(crate) exp: Timestamp,
    pub(crate) own: K::Claims,
}

impl<K: TokenKind> Claims<K> {
    /// Returns the user (RFC 7519 s4.1.2).
    #[must_use]
    pub const fn sub(&self) -> &UserId {
        &self.sub
    }

    /// Returns the id of this token (RFC 7519 s4.1.7).
    #[must_use]
    pub const fn jti(&self) -> &TokenId {
        &self.jti
    }

    /// Returns when the token was issued (RFC 7519 s4.1.6).
    #[must_use]
    pub const fn iat(&self) -> Timestamp {
        self.iat
    }

    /// Returns when the token expires (RFC 7519 s4.1.4).
    #[must_use]
    pub const fn exp(&self) -> Timestamp {
        self.exp
    }

    /// Returns the claims that this kind of token has in addition to those of every kind.
    #[must_use]
    pub const fn own(&self) -> &K::Claims {
        &self.own
    }
}

impl Claims<Access> {
    /// Returns the session that the token belongs to.
    #[must_use]
    pub const fn sid(&self) -> &SessionId {
        &self.own.sid
    }
}

impl Claims<Refresh> {
    /// Returns the session that the token belongs to.
    #[must_use]
    pub const fn sid(&self) -> &SessionId {
        &self.own.sid
    }
}

/// The claims that a kind of token has in addition to those of every kind.
pub trait OwnClaims: Sized {
    /// Reads these claims from the members of a claims object without the claims of every kind. Returns `None` if one
    /// is missing or malformed.
    fn read(members: Members<'_>) -> Option<Self>;
}

/// Declares [`AccessClaims`]. Each field has the name of its claim.
macro_rules! access_claims {
    ($($(#[$doc:meta])+ $name:ident: $type:ty,)+) => {
        /// The claims that an access token has in addition to those of every kind of token (RFC 9068 s2.2).
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        pub struct AccessClaims {
            $($(#[$doc])+ pub $name: $type,)+
            /// The user's custom claims. None of them has a reserved name.
            #[serde(flatten)]
            pub custom: Map<String, Value>,
        }

        impl AccessClaims {
            /// The names of the claims of this struct, except the custom claims.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];
        }

        impl OwnClaims for AccessClaims {
            fn read(mut members: Members<'_>) -> Option<Self> {
                Some(Self {
                    $($name: members.take(stringify!($name))?,)+
                    custom: members.into_object(),
                })
            }
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
    /// The user's role. A user has only one.
    role: Role,
    /// The user's address as they typed it, for display.
    email: String,
    /// When the user last authenticated in this session.
    auth_time: Timestamp,
    /// The methods by which the user has authenticated in this session (RFC 8176).
    amr: Amr,
    /// The level that these methods reach. An API compares only this.
    acr: Acr,
    /// The epoch of the session. "Log out everywhere" raises the user's epoch by one. A session is over once its epoch
    /// is below its user's.
    epoch: u64,
}

/// The claims that a refresh token has in addition to those of every kind of token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefreshClaims {
    /// The session that the token belongs to.
    pub sid: SessionId,
    /// The token's generation in its session, which grows by one at each rotation.
    #[serde(rename = "gen")]
    pub generation: u64,
    /// How the token was delivered. The token is accepted only if it is presented in the same way.
    pub delivery: Delivery,
}

impl OwnClaims for RefreshClaims {
    fn read(mut members: Members<'_>) -> Option<Self> {
        Some(Self {
            sid: members.take("sid")?,
            generation: members.take("gen")?,
            delivery: members.take("delivery")?,
        })
    }
}

/// The claims that a device token has in addition to those of every kind of token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceClaims {
    /// The device's id, which is the same in all tokens of the device.
    pub device: DeviceId,
    /// When the user's current password was set. The device stays known until the password changes.
    pub password_changed_at: Timestamp,
    /// When the user last proved a second factor on this device, if they wanted the service to remember it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_at: Option<Timestamp>,
    /// The epoch that the user had then. Anything that ends the user's sessions raises it, so the device is remembered no
    /// longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_epoch: Option<u64>,
}

impl OwnClaims for DeviceClaims {
    fn read(mut members: Members<'_>) -> Option<Self> {
        let second_at = members.remove("second_at").map(Member::read);
        let second_epoch = members.remove("second_epoch").map(Member::read);
        Some(Self {
            device: members.take("device")?,
            password_changed_at: members.take("password_changed_at")?,
            second_at: match second_at {
                None => None,
                Some(at) => Some(at?),
            },
            second_epoch: match second_epoch {
                None => None,
                Some(epoch) => Some(epoch?),
            },
        })
    }
}

/// How a refresh token is delivered. The delivery is chosen at login, and every refresh token of the session names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// In JSON bodies.
    #[default]
    Body,
    /// In a cookie that scripts cannot read, and never in a body.
    Cookie,
}

/// The claims of a token that is not signed yet. Unlike [`Claims`], a draft proves nothing.
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
    /// The claims that this kind of token has in addition to those of every kind.
    pub own: K::Claims,
}

/// The claims of a draft, in the form in which the token contains them.
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
