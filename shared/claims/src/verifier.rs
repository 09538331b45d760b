//! Verification: every check that stands between a token's text and its claims, in one order.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    Access, Audience, Claims, Device, Issuer, KeyId, LEEWAY, Refresh, Refusal, Timestamp, TokenKind, VerifyingKey,
    identifier, json, token::UnverifiedParts,
};

/// The last second of the year 9999: what claims to be later is no date.
const LATEST: Timestamp = Timestamp::new(253_402_300_799);

/// Verifies tokens of kind `K` from one issuer for one audience. Built once per process.
#[derive(Debug)]
pub struct Verifier<K: TokenKind> {
    issuer: Issuer,
    audience: Audience,
    keys: VerifyingKeys<K::Keys>,
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
        let mut members = self.signed_members(token, now)?;
        let dates = Dates::take(&mut members)?;
        claims_of(members, &dates)
    }
}

impl Verifier<Device> {
    /// A verifier of the tokens by which `issuer` knows devices, signed with one of `keys`.
    #[must_use]
    pub fn device(issuer: Issuer, keys: VerifyingKeys<Refresh>) -> Self {
        Self {
            audience: issuer.as_device_audience(),
            issuer,
            keys,
        }
    }
}

impl<K: TokenKind> Verifier<K> {
    /// Verifies a token in compact serialisation as of `now` (RFC 7519 s7.2).
    ///
    /// # Errors
    /// When any check fails: the first that did. Nothing that the token says is believed before its signature is.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims<K>, Refusal> {
        let mut members = self.signed_members(token, now)?;
        let dates = Dates::take(&mut members)?;
        dates.check(now)?;
        claims_of(members, &dates)
    }

    /// Whether a token is one that could be ours, but is signed with a key that is not known here: a newer one, perhaps.
    #[must_use]
    pub fn lacks_key_of(&self, token: &str, now: Timestamp) -> bool {
        let header = || UnverifiedParts::split(token).map(|parts| parts.header);
        let lacks = |header| matches!(self.key_for(&header, now), Err(Refusal::UnknownKey(_)));
        token.len() <= K::MAX_LENGTH && header().is_ok_and(lacks)
    }

    /// The claims of a token that one of the keys signed and that is ours, by our issuer and for our audience.
    fn signed_members(&self, token: &str, now: Timestamp) -> Result<Map<String, Value>, Refusal> {
        if token.len() > K::MAX_LENGTH {
            return Err(Refusal::TooLong);
        }
        let parts = UnverifiedParts::split(token)?;
        let key = self.key_for(&parts.header, now)?;
        let claims = parts.verify(key)?;
        let mut members = json::parse_object(&claims).ok_or(Refusal::MalformedClaims)?;
        self.check_issuer(&mut members)?;
        self.check_audience(&mut members)?;
        Ok(members)
    }

    /// The key that the header names, once the header is one for this kind of token.
    fn key_for(&self, header: &Map<String, Value>, now: Timestamp) -> Result<&VerifyingKey, Refusal> {
        let typ = header.get("typ").and_then(Value::as_str);
        if !typ.is_some_and(|typ| is_type(typ, K::TYP)) {
            return Err(Refusal::WrongType);
        }
        let kid = header
            .get("kid")
            .and_then(Value::as_str)
            .and_then(|kid| KeyId::parse(kid).ok())
            .ok_or(Refusal::NoKeyId)?;
        self.keys.find(&kid, now).ok_or(Refusal::UnknownKey(kid))
    }

    /// Checks and takes out `iss`: one string, exactly ours (RFC 7519 s4.1.1, RFC 9068 s4).
    fn check_issuer(&self, members: &mut Map<String, Value>) -> Result<(), Refusal> {
        let issuer: String = take(members, "iss").ok_or(Refusal::NoIssuer)?;
        (issuer == self.issuer.as_str())
            .then_some(())
            .ok_or(Refusal::WrongIssuer)
    }

    /// Checks and takes out `aud`: one string or several, ours among them (RFC 7519 s4.1.3, RFC 9068 s4).
    fn check_audience(&self, members: &mut Map<String, Value>) -> Result<(), Refusal> {
        let audiences = match members.remove("aud") {
            Some(Value::String(one)) => Some(vec![one]),
            Some(several) => parse(several),
            None => None,
        }
        .ok_or(Refusal::NoAudience)?;
        audiences
            .iter()
            .any(|audience| audience == self.audience.as_str())
            .then_some(())
            .ok_or(Refusal::WrongAudience)
    }
}

/// Whether a `typ` is this one: a media type, which has no case, and whose `application/` can be left out (RFC 7515
/// s4.1.9, RFC 9068 s4).
fn is_type(typ: &str, expected: &str) -> bool {
    const APPLICATION: &str = "application/";
    let full = typ.split_at_checked(APPLICATION.len());
    let subtype = full.and_then(|(start, rest)| start.eq_ignore_ascii_case(APPLICATION).then_some(rest));
    subtype.unwrap_or(typ).eq_ignore_ascii_case(expected)
}

/// The claims that concern a token's life.
struct Dates {
    exp: Timestamp,
    nbf: Option<Timestamp>,
    iat: Timestamp,
}

impl Dates {
    fn take(members: &mut Map<String, Value>) -> Result<Self, Refusal> {
        let date = |value| parse(value).filter(|date| *date <= LATEST);
        let mut take = |name| members.remove(name).map(date);
        Ok(Self {
            exp: take("exp").flatten().ok_or(Refusal::NoExpiry)?,
            nbf: take("nbf")
                .map(|date| date.ok_or(Refusal::MalformedNotBefore))
                .transpose()?,
            iat: take("iat").flatten().ok_or(Refusal::NoIssueTime)?,
        })
    }

    /// Checks that a token with these dates is alive, give or take the leeway.
    fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        if now >= self.exp.plus(LEEWAY) {
            return Err(Refusal::Expired);
        }
        if self.nbf.is_some_and(|at| at > now.plus(LEEWAY)) {
            return Err(Refusal::NotYetValid);
        }
        if self.iat > now.plus(LEEWAY) {
            return Err(Refusal::IssuedInFuture);
        }
        Ok(())
    }
}

fn claims_of<K: TokenKind>(mut members: Map<String, Value>, dates: &Dates) -> Result<Claims<K>, Refusal> {
    let sub = take(&mut members, "sub").ok_or(Refusal::NoSubject)?;
    if K::HAS_SESSION && !has_session_id(&members) {
        return Err(Refusal::NoSessionId);
    }
    Ok(Claims {
        sub,
        jti: take(&mut members, "jti").ok_or(Refusal::NoTokenId)?,
        iat: dates.iat,
        exp: dates.exp,
        own: parse(Value::Object(members)).ok_or(Refusal::MalformedOwnClaims)?,
    })
}

fn has_session_id(members: &Map<String, Value>) -> bool {
    let sid = members.get("sid").and_then(Value::as_str);
    sid.is_some_and(identifier::is_valid)
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
