//! The public key set: what `/.well-known/jwks.json` serves and what verifiers read (RFC 7517).

use std::collections::BTreeSet;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse};
use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::{Access, InvalidKey, KeyId, Timestamp, VerifyingKey, VerifyingKeys, json};

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
    /// The key is for something other than verifying signatures of an algorithm that access tokens can have.
    #[error("key {kid}: it is not an RS256, ES256 or EdDSA key for verifying signatures")]
    Unsuitable {
        /// The key's id.
        kid: KeyId,
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

    /// Reads and checks a public key set.
    ///
    /// # Errors
    /// When it is not a JWK set, names a member twice, or has a key without id, listed twice, private, symmetric, weak,
    /// or for another use or algorithm.
    pub fn from_json(json: &str) -> Result<Self, InvalidJwks> {
        let malformed = |error: serde_json::Error| InvalidJwks::Malformed {
            line: error.line(),
            column: error.column(),
        };
        json::parse(json).map_err(malformed)?;
        let raw: RawSet = serde_json::from_str(json).map_err(malformed)?;
        let set: JwkSet = serde_json::from_str(json).map_err(malformed)?;
        let mut seen = BTreeSet::new();
        let keys = (1..)
            .zip(set.keys.into_iter().zip(raw.keys))
            .map(|(position, (jwk, raw))| {
                let kid = key_id(&jwk).ok_or(InvalidJwks::KeyIdAt { position })?;
                if raw.is_secret() {
                    return Err(InvalidJwks::Secret { kid });
                }
                verifying_key(&jwk, &kid)?;
                if !seen.insert(kid.clone()) {
                    return Err(InvalidJwks::Duplicate { kid });
                }
                Ok(PublicJwk {
                    jwk,
                    retires_at: raw.exp,
                })
            });
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
        })
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
    keys: Vec<RawKey>,
}

/// The members that no public key has (RFC 7518 s6.2.2, s6.3.2, s6.4.1), and when it retires.
#[derive(Deserialize)]
struct RawKey {
    exp: Option<Timestamp>,
    d: Option<IgnoredAny>,
    p: Option<IgnoredAny>,
    q: Option<IgnoredAny>,
    dp: Option<IgnoredAny>,
    dq: Option<IgnoredAny>,
    qi: Option<IgnoredAny>,
    oth: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
}

impl RawKey {
    fn is_secret(&self) -> bool {
        [
            &self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi, &self.oth, &self.k,
        ]
        .into_iter()
        .any(Option::is_some)
    }
}

fn key_id(jwk: &Jwk) -> Option<KeyId> {
    KeyId::parse(jwk.common.key_id.as_deref()?).ok()
}

fn verifying_key(jwk: &Jwk, kid: &KeyId) -> Result<VerifyingKey, InvalidJwks> {
    let key = if let AlgorithmParameters::RSA(key) = &jwk.algorithm
        && is_for(jwk, KeyAlgorithm::RS256)
    {
        VerifyingKey::rs256(&key.n, &key.e)
    } else if let AlgorithmParameters::EllipticCurve(key) = &jwk.algorithm
        && key.curve == EllipticCurve::P256
        && is_for(jwk, KeyAlgorithm::ES256)
    {
        VerifyingKey::es256(&key.x, &key.y)
    } else if let AlgorithmParameters::OctetKeyPair(key) = &jwk.algorithm
        && key.curve == EllipticCurve::Ed25519
        && is_for(jwk, KeyAlgorithm::EdDSA)
    {
        VerifyingKey::eddsa(&key.x)
    } else {
        return Err(InvalidJwks::Unsuitable { kid: kid.clone() });
    };
    key.map_err(|fault| InvalidJwks::Key {
        kid: kid.clone(),
        fault,
    })
}

/// Whether a key may verify signatures of this algorithm, as far as it says (RFC 7517 s4.2 to s4.4).
fn is_for(jwk: &Jwk, algorithm: KeyAlgorithm) -> bool {
    let common = &jwk.common;
    matches!(common.public_key_use, None | Some(PublicKeyUse::Signature))
        && common.key_algorithm.is_none_or(|named| named == algorithm)
        && common
            .key_operations
            .as_ref()
            .is_none_or(|operations| operations.contains(&KeyOperations::Verify))
}
