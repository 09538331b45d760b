//! Verification: every check that stands between a token's text and its claims, in one order.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    Access, Audience, Claims, Issuer, KeyId, LEEWAY, Refresh, Refusal, Timestamp, TokenKind, VerifyingKey, json,
    token::UnverifiedParts,
};

/// Header members that ask for what is never done: extensions, compression, encryption, and keys that the token
/// brings along (RFC 7515 s4.1, RFC 7516, RFC 7797, RFC 8725 s3.10).
const FORBIDDEN_HEADERS: &[&str] = &["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"];

/// Verifies tokens of kind `K` from one issuer for one audience. Built once per process.
#[derive(Debug)]
pub struct Verifier<K> {
    issuer: Issuer,
    audience: Audience,
    keys: VerifyingKeys<K>,
}

impl Verifier<Access> {
    /// A verifier of the access tokens that `issuer` signed with one of `keys` for the API `audience`.
    #[must_use]
    pub const fn access(issuer: Issuer, audience: Audience, keys: VerifyingKeys<Access>) -> Self {
        Self { issuer, audience, keys }
    }
}

impl Verifier<Refresh> {
    /// A verifier of the refresh tokens that `issuer` signed with one of `keys`; they are for the issuer itself.
    #[must_use]
    pub fn refresh(issuer: Issuer, keys: VerifyingKeys<Refresh>) -> Self {
        Self {
            audience: issuer.as_audience(),
            issuer,
            keys,
        }
    }

    /// Verifies a refresh token that may have expired: whoever logs out late still ends their session.
    ///
    /// # Errors
    /// As [`Verifier::verify`], but for the three that concern the token's life.
    pub fn verify_of_any_age(&self, token: &str, now: Timestamp) -> Result<Claims<Refresh>, Refusal> {
        self.read(token, now).map(|(claims, _)| claims)
    }
}

impl<K: TokenKind> Verifier<K> {
    /// Verifies a token in compact serialisation as of `now` (RFC 7519 s7.2).
    ///
    /// # Errors
    /// When any check fails: the first that did. Nothing that the token says is believed before its signature is.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims<K>, Refusal> {
        let (claims, not_before) = self.read(token, now)?;
        if now >= claims.exp.plus(LEEWAY) {
            return Err(Refusal::Expired);
        }
        if not_before.is_some_and(|at| at > now.plus(LEEWAY)) {
            return Err(Refusal::NotYetValid);
        }
        if claims.iat > now.plus(LEEWAY) {
            return Err(Refusal::IssuedInFuture);
        }
        Ok(claims)
    }

    /// Makes every check but those of the token's life.
    fn read(&self, token: &str, now: Timestamp) -> Result<(Claims<K>, Option<Timestamp>), Refusal> {
        if token.len() > K::MAX_LENGTH {
            return Err(Refusal::TooLong);
        }
        let parts = UnverifiedParts::split(token).ok_or(Refusal::NotCompact)?;
        let header = json::parse_object(&parts.header).ok_or(Refusal::MalformedHeader)?;
        let key = self.key_for(&header, now)?;
        if !key.verify(parts.signed, &parts.signature) {
            return Err(Refusal::BadSignature);
        }
        let mut members = json::parse_object(&parts.claims).ok_or(Refusal::MalformedClaims)?;
        self.check_parties(&mut members)?;
        let not_before = members
            .remove("nbf")
            .map(|value| parse(value).ok_or(Refusal::MalformedClaims))
            .transpose()?;
        let claims = claims_of(members).ok_or(Refusal::MalformedClaims)?;
        Ok((claims, not_before))
    }

    /// The key that the header names, once the header is one that could have been issued.
    fn key_for(&self, header: &Map<String, Value>, now: Timestamp) -> Result<&VerifyingKey, Refusal> {
        if header.get("typ").and_then(Value::as_str) != Some(K::TYP) {
            return Err(Refusal::WrongType);
        }
        if FORBIDDEN_HEADERS.iter().any(|name| header.contains_key(*name)) {
            return Err(Refusal::ForbiddenHeader);
        }
        let kid = header
            .get("kid")
            .and_then(Value::as_str)
            .and_then(|kid| KeyId::parse(kid).ok())
            .ok_or(Refusal::NoKeyId)?;
        let key = self.keys.find(&kid, now).ok_or(Refusal::UnknownKey(kid))?;
        let algorithm = header.get("alg").and_then(Value::as_str);
        (algorithm.and_then(|name| name.parse().ok()) == Some(key.algorithm()))
            .then_some(key)
            .ok_or(Refusal::WrongAlgorithm)
    }

    /// Checks and takes out `iss` and `aud` (RFC 7519 s4.1.1, s4.1.3; RFC 9068 s4).
    fn check_parties(&self, members: &mut Map<String, Value>) -> Result<(), Refusal> {
        let issuer: String = take(members, "iss").ok_or(Refusal::MalformedClaims)?;
        if issuer != self.issuer.as_str() {
            return Err(Refusal::WrongIssuer);
        }
        let audiences = match members.remove("aud") {
            Some(Value::String(one)) => vec![one],
            Some(several) => parse(several).ok_or(Refusal::MalformedClaims)?,
            None => return Err(Refusal::MalformedClaims),
        };
        audiences
            .iter()
            .any(|audience| audience == self.audience.as_str())
            .then_some(())
            .ok_or(Refusal::WrongAudience)
    }
}

fn claims_of<K: TokenKind>(mut members: Map<String, Value>) -> Option<Claims<K>> {
    Some(Claims {
        sub: take(&mut members, "sub")?,
        sid: take(&mut members, "sid")?,
        jti: take(&mut members, "jti")?,
        iat: take(&mut members, "iat")?,
        exp: take(&mut members, "exp")?,
        own: parse(Value::Object(members))?,
    })
}

fn take<T: DeserializeOwned>(members: &mut Map<String, Value>, name: &str) -> Option<T> {
    parse(members.remove(name)?)
}

fn parse<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

/// The keys that a verifier accepts, by `kid`, each until it retires.
pub struct VerifyingKeys<K> {
    keys: BTreeMap<KeyId, (Option<Timestamp>, VerifyingKey)>,
    kind: PhantomData<fn() -> K>,
}

impl<K> VerifyingKeys<K> {
    pub(crate) fn new(keys: impl Iterator<Item = (KeyId, Option<Timestamp>, VerifyingKey)>) -> Self {
        Self {
            keys: keys.map(|(kid, retires_at, key)| (kid, (retires_at, key))).collect(),
            kind: PhantomData,
        }
    }

    fn find(&self, kid: &KeyId, now: Timestamp) -> Option<&VerifyingKey> {
        self.keys
            .get(kid)
            .filter(|(retires_at, _)| retires_at.is_none_or(|at| now < at))
            .map(|(_, key)| key)
    }
}

impl<K> fmt::Debug for VerifyingKeys<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.keys.keys()).finish()
    }
}
