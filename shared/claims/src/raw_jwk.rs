//! One key of a public key set, before its type and purpose are known.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{InvalidJwks, KeyId, Timestamp, VerifyingKey};

/// A key as JSON members (RFC 7517 s4), which are not checked yet.
#[derive(Deserialize)]
pub(crate) struct RawJwk(Map<String, Value>);

/// Members that only a private or symmetric key has (RFC 7518 s6.2.2, s6.3.2, s6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The known kinds of key: their `kty`, their `alg` and, if the type has curves, their `crv`.
const KNOWN: [(&str, &str, Option<&str>); 3] = [
    ("RSA", "RS256", None),
    ("EC", "ES256", Some("P-256")),
    ("OKP", "EdDSA", Some("Ed25519")),
];

impl RawJwk {
    /// Parses the key. Returns its id, its public half and the time at which it retires. Returns `None` if the key's
    /// type, curve, algorithm or use is not supported. A reader ignores such keys (RFC 7517 s5), since an issuer may
    /// publish newer kinds of key before every reader supports them.
    ///
    /// # Errors
    /// - If the key has no type or is symmetric.
    /// - If its type is supported, but the key is private or has no valid `kid`.
    /// - If the key is supported, but is weak or malformed.
    pub(crate) fn read(self, position: usize) -> Result<Option<(KeyId, Jwk, Option<Timestamp>)>, InvalidJwks> {
        let kid = || {
            let kid = self.0.get("kid").and_then(Value::as_str);
            let kid = kid.and_then(|kid| KeyId::parse(kid).ok());
            kid.ok_or(InvalidJwks::KeyIdAt { position })
        };
        let Some(Value::String(kty)) = self.0.get("kty") else {
            return Err(InvalidJwks::KeyTypeAt { position });
        };
        let known = KNOWN.iter().find(|(known, ..)| known == kty);
        if kty == "oct" || known.is_some() && self.is_private() {
            return Err(InvalidJwks::Secret { kid: kid()? });
        }
        let Some((_, algorithm, curve)) = known else {
            return Ok(None);
        };
        let malformed = |kid: KeyId| move |_: serde_json::Error| InvalidJwks::Incomplete { kid: kid.clone() };
        let purpose: Purpose = self.part().map_err(malformed(kid()?))?;
        if !purpose.is_for(algorithm, *curve) {
            return Ok(None);
        }
        let kid = kid()?;
        let jwk: Jwk = self.part().map_err(malformed(kid.clone()))?;
        verifying_key(&jwk, &kid)?;
        Ok(Some((kid, jwk, purpose.exp)))
    }

    fn is_private(&self) -> bool {
        let is_there = |name: &&str| self.0.get(*name).is_some_and(|value| !value.is_null());
        PRIVATE.iter().any(is_there)
    }

    fn part<T: for<'de> Deserialize<'de>>(&self) -> serde_json::Result<T> {
        T::deserialize(&Value::Object(self.0.clone()))
    }
}

/// The declared purpose of a key (RFC 7517 s4.2 to s4.4), and when it retires.
#[derive(Deserialize)]
struct Purpose {
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    exp: Option<Timestamp>,
}

impl Purpose {
    /// Returns whether the key may verify signatures of this algorithm and, if the key's type has curves, on this
    /// curve. A member that is missing restricts nothing.
    fn is_for(&self, algorithm: &str, curve: Option<&str>) -> bool {
        let verifies = |operations: &Vec<String>| operations.iter().any(|operation| operation == "verify");
        self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(verifies)
            && self.alg.as_deref().is_none_or(|named| named == algorithm)
            && (curve.is_none() || self.crv.is_none() || self.crv.as_deref() == curve)
    }
}

/// Returns the verifying key of a JWK. The errors contain `kid`.
///
/// # Errors
/// If a member is missing, or the key is weak or malformed.
pub(crate) fn verifying_key(jwk: &Jwk, kid: &KeyId) -> Result<VerifyingKey, InvalidJwks> {
    let key = match &jwk.algorithm {
        AlgorithmParameters::RSA(key) => VerifyingKey::rs256(&key.n, &key.e),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            VerifyingKey::es256(&key.x, &key.y)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => VerifyingKey::eddsa(&key.x),
        AlgorithmParameters::EllipticCurve(_)
        | AlgorithmParameters::OctetKeyPair(_)
        | AlgorithmParameters::OctetKey(_)
        | AlgorithmParameters::Other(_)
        | _ => return Err(InvalidJwks::Incomplete { kid: kid.clone() }),
    };
    key.map_err(|fault| InvalidJwks::Key {
        kid: kid.clone(),
        fault,
    })
}
