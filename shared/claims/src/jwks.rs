//! The public key set: what `/.well-known/jwks.json` serves and what verifiers read (RFC 7517).

use std::collections::BTreeSet;

use jsonwebtoken::jwk::Jwk;
use serde::{Deserialize, Serialize};

use crate::{
    Access, InvalidKey, KeyId, Timestamp, VerifyingKeys, json,
    raw_jwk::{RawJwk, verifying_key},
};

/// A public key set for access tokens (RFC 7517 s5). It never holds a private or symmetric key, and is empty where
/// tokens are signed with HS256.
///
/// A key that is to retire says when in the member `exp`, as OpenID Federation 1.0 s8.7.2 has it: "the key MUST NOT be
/// considered valid" from then on. Whoever does not know the member passes over it (RFC 7517 s4).
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

/// Why a public key set cannot be used; names the key and the fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJwks {
    /// Not JSON of the shape of RFC 7517 s5.
    #[error("not a JWK set: malformed at line {line}, column {column}")]
    Malformed {
        /// The line of the fault, from 1.
        line: usize,
        /// The column of the fault, from 1.
        column: usize,
    },
    /// A key has no usable `kid`.
    #[error("key number {position}: its kid is missing or not a valid key id")]
    KeyIdAt {
        /// The key's place in the set, from 1.
        position: usize,
    },
    /// A key does not say of which type it is.
    #[error("key number {position}: its kty is missing or not a string")]
    KeyTypeAt {
        /// The key's place in the set, from 1.
        position: usize,
    },
    /// Two keys have the same id.
    #[error("key {kid}: another key has the same kid")]
    Duplicate {
        /// The id.
        kid: KeyId,
    },
    /// The key is private or symmetric.
    #[error("key {kid}: it is private or symmetric and must not be here")]
    Secret {
        /// The key's id.
        kid: KeyId,
    },
    /// The key is of a known type, but not of its form.
    #[error("key {kid}: a member is missing or of the wrong type")]
    Incomplete {
        /// The key's id.
        kid: KeyId,
    },
    /// There are keys, but all of them are for something else.
    #[error("none of its {count} keys is an RS256, ES256 or EdDSA key for verifying signatures")]
    NoneKnown {
        /// How many keys there are.
        count: usize,
    },
    /// The key itself is unusable.
    #[error("key {kid}: {fault}")]
    Key {
        /// The key's id.
        kid: KeyId,
        /// What is wrong with it.
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

    /// Reads and checks a public key set. Keys of a type, curve, algorithm or use that is not known are passed over.
    ///
    /// # Errors
    /// When it is not a JWK set, names a member twice, has keys of which none is known, or a known one without id, listed
    /// twice, private, symmetric, weak or malformed.
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

    /// The set as JSON (RFC 7517 s5).
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether there is no key in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that are not retired at `now`.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        let is_accepted = |key: &&PublicJwk| key.retires_at.is_none_or(|at| now < at);
        Self {
            keys: self.keys.iter().filter(is_accepted).cloned().collect(),
        }
    }

    /// Parses each key for verification, until it retires.
    ///
    /// # Errors
    /// When a key is unusable; never for a set that [`Jwks::from_json`] accepted.
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
