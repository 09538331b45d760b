//! The public key set (RFC 7517), which `/.well-known/jwks.json` serves and verifiers read.

use std::collections::BTreeSet;

use jsonwebtoken::jwk::Jwk;
use serde::{Deserialize, Serialize};

use crate::{
    Access, InvalidKey, KeyId, Timestamp, VerifyingKeys, json,
    raw_jwk::{RawJwk, verifying_key},
};

/// A public key set for access tokens (RFC 7517 s5). It never holds a private or symmetric key, and is empty if tokens
/// are signed with HS256.
///
/// The member `exp` of a key is the time at which the key retires (OpenID Federation 1.0 s8.7.2). From that time on,
/// the key is not accepted. A reader that does not support the member ignores it (RFC 7517 s4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Jwks {
    keys: Vec<PublicJwk>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct PublicJwk {
    #[serde(flatten)]
    jwk: Jwk,
    #[serde(rename = "exp", skip_serializing_if = "Option::is_none")]
    retires_at: Option<Timestamp>,
}

/// Why a public key set cannot be used. The error names the key and the problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJwks {
    /// The text is not JSON in the form of RFC 7517 s5.
    #[error("not a JWK set: malformed at line {line}, column {column}")]
    Malformed {
        /// The line of the error, from 1.
        line: usize,
        /// The column of the error, from 1.
        column: usize,
    },
    /// The `kid` of a key is missing or invalid.
    #[error("key number {position}: its kid is missing or not a valid key id")]
    KeyIdAt {
        /// The position of the key in the set, from 1.
        position: usize,
    },
    /// The `kty` of a key is missing or not a string.
    #[error("key number {position}: its kty is missing or not a string")]
    KeyTypeAt {
        /// The position of the key in the set, from 1.
        position: usize,
    },
    /// Two keys have the same id.
    #[error("key {kid}: another key has the same kid")]
    Duplicate {
        /// The id of both keys.
        kid: KeyId,
    },
    /// The key is private or symmetric.
    #[error("key {kid}: it is private or symmetric and must not be here")]
    Secret {
        /// The key's id.
        kid: KeyId,
    },
    /// The key has a known type, but is malformed.
    #[error("key {kid}: a member is missing or of the wrong type")]
    Incomplete {
        /// The key's id.
        kid: KeyId,
    },
    /// The set has keys, but none that is supported.
    #[error("none of its {count} keys is an RS256, ES256 or EdDSA key for verifying signatures")]
    NoneKnown {
        /// How many keys there are.
        count: usize,
    },
    /// The key itself is invalid.
    #[error("key {kid}: {fault}")]
    Key {
        /// The key's id.
        kid: KeyId,
        /// The problem with the key.
        fault: InvalidKey,
    },
}

impl Jwks {
    pub(crate) fn new<'a>(keys: impl Iterator<Item = (&'a KeyId, Option<Timestamp>, &'a Jwk)>) -> Self {
        let public = |(kid, retires_at, jwk): (&KeyId, _, &Jwk)| {
            let mut jwk = jwk.clone();
            jwk.common.key_id = Some(kid.as_str().to_owned());
            PublicJwk { jwk, retires_at }
        };
        Self {
            keys: keys.map(public).collect(),
        }
    }

    /// Parses and checks a public key set. Keys with an unsupported type, curve, algorithm or use are ignored.
    ///
    /// # Errors
    /// - If `json` is not a JWK set, or an object in it repeats a member's name.
    /// - If the set has keys, but none that is supported.
    /// - If a key has no `kty` or is symmetric.
    /// - If a key of a supported type is private or has no valid `kid`.
    /// - If a supported key is weak or malformed, or has the same `kid` as another supported key.
    pub fn from_json(json: &str) -> Result<Self, InvalidJwks> {
        let malformed = |error: serde_json::Error| InvalidJwks::Malformed {
            line: error.line(),
            column: error.column(),
        };
        json::parse(json).map_err(malformed)?;
        let raw: RawSet = serde_json::from_str(json).map_err(malformed)?;
        let count = raw.keys.len();
        let mut seen = BTreeSet::new();
        let mut keys = Vec::new();
        for (position, key) in (1..).zip(raw.keys) {
            let Some((kid, jwk, retires_at)) = key.read(position)? else {
                continue;
            };
            if !seen.insert(kid.clone()) {
                return Err(InvalidJwks::Duplicate { kid });
            }
            keys.push(PublicJwk { jwk, retires_at });
        }
        if keys.is_empty() && count > 0 {
            return Err(InvalidJwks::NoneKnown { count });
        }
        Ok(Self { keys })
    }

    /// Returns the set as JSON (RFC 7517 s5).
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns whether the set has no keys.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns the keys that are not retired at `now`.
    #[must_use]
    pub fn keys_at(&self, now: Timestamp) -> Self {
        let is_accepted = |key: &&PublicJwk| key.retires_at.is_none_or(|at| now < at);
        Self {
            keys: self.keys.iter().filter(is_accepted).cloned().collect(),
        }
    }

    /// Returns the keys in the form that a verifier uses. The verifier accepts each key until the key retires.
    ///
    /// # Errors
    /// If a key is unusable. This never happens for a set that [`Jwks::from_json`] accepted.
    pub fn verifying_keys(&self) -> Result<VerifyingKeys<Access>, InvalidJwks> {
        let keys = (1..).zip(&self.keys).map(|(position, key)| {
            let kid = key_id(&key.jwk).ok_or(InvalidJwks::KeyIdAt { position })?;
            let parsed = verifying_key(&key.jwk, &kid)?;
            Ok((kid, key.retires_at, parsed))
        });
        Ok(VerifyingKeys::new(keys.collect::<Result<Vec<_>, _>>()?.into_iter()))
    }
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<RawJwk>,
}

fn key_id(jwk: &Jwk) -> Option<KeyId> {
    KeyId::parse(jwk.common.key_id.as_deref()?).ok()
}
