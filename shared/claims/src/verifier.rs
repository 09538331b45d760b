//! Verification: the checks that a token has to pass before its claims are returned, in a fixed order.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    Access, Audience, Claims, Device, Issuer, KeyId, LEEWAY, Refresh, Refusal, Timestamp, TokenKind, Unverified,
    VerifyingKey, identifier, json,
};

/// The last second of the year 9999. A later time in a token is invalid.
const LATEST: Timestamp = Timestamp::new(253_402_300_799);

/// Verifies tokens of kind `K` from one issuer for one audience.
#[derive(Debug)]
pub struct Verifier<K: TokenKind> {
    issuer: Issuer,
    audience: Audience,
    keys: VerifyingKeys<K::Keys>,
}

impl Verifier<Access> {
    /// Makes a verifier of access tokens that `issuer` signed with one of `keys` for the API `audience`.
    #[must_use]
    pub const fn access(issuer: Issuer, audience: Audience, keys: VerifyingKeys<Access>) -> Self {
        Self { issuer, audience, keys }
    }
}

impl Verifier<Refresh> {
    /// Makes a verifier of refresh tokens that `issuer` signed with one of `keys`. Their audience is the issuer.
    #[must_use]
    pub fn refresh(issuer: Issuer, keys: VerifyingKeys<Refresh>) -> Self {
        Self {
            audience: issuer.as_audience(),
            issuer,
            keys,
        }
    }

    /// Verifies a refresh token, but does not check that it is valid at `now`. A logout can therefore still end a
    /// session whose refresh token has expired. `now` only determines which keys have retired.
    ///
    /// # Errors
    /// If any check of [`Verifier::verify`] fails, except [`Refusal::Expired`], [`Refusal::NotYetValid`] and
    /// [`Refusal::IssuedInFuture`].
    pub fn verify_of_any_age(
        &self,
        token: &Unverified<'_, Refresh>,
        now: Timestamp,
    ) -> Result<Claims<Refresh>, Refusal> {
        let mut members = self.signed_members(token, now)?;
        let dates = Dates::take(&mut members)?;
        claims_of(members, &dates)
    }
}

impl Verifier<Device> {
    /// Makes a verifier of device tokens that `issuer` signed with one of `keys`.
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
    /// Verifies a token as of `now` (RFC 7519 s7.2).
    ///
    /// # Errors
    /// If any check fails. The error is that of the first check that fails. Nothing in the token is trusted before its
    /// signature is verified.
    pub fn verify(&self, token: &Unverified<'_, K>, now: Timestamp) -> Result<Claims<K>, Refusal> {
        let mut members = self.signed_members(token, now)?;
        let dates = Dates::take(&mut members)?;
        dates.check(now)?;
        claims_of(members, &dates)
    }

    /// Returns the claims of a token after checking its signature, issuer and audience.
    fn signed_members(&self, token: &Unverified<'_, K>, now: Timestamp) -> Result<Map<String, Value>, Refusal> {
        let key = self.key_for(token, now)?;
        let mut members = json::parse_object(token.verify(key)?).ok_or(Refusal::MalformedClaims)?;
        self.check_issuer(&mut members)?;
        self.check_audience(&mut members)?;
        Ok(members)
    }

    /// Returns the key that the token names, if its header is valid for this kind of token.
    fn key_for(&self, token: &Unverified<'_, K>, now: Timestamp) -> Result<&VerifyingKey, Refusal> {
        if !token.header("typ").is_some_and(|typ| is_type(typ, K::TYP)) {
            return Err(Refusal::WrongType);
        }
        let kid = token
            .header("kid")
            .and_then(|kid| KeyId::parse(kid).ok())
            .ok_or(Refusal::NoKeyId)?;
        self.keys.find(&kid, now).ok_or(Refusal::UnknownKey(kid))
    }

    /// Removes `iss` and checks that it is exactly the expected issuer (RFC 7519 s4.1.1, RFC 9068 s4).
    fn check_issuer(&self, members: &mut Map<String, Value>) -> Result<(), Refusal> {
        let issuer: String = take(members, "iss").ok_or(Refusal::NoIssuer)?;
        (issuer == self.issuer.as_str())
            .then_some(())
            .ok_or(Refusal::WrongIssuer)
    }

    /// Removes `aud` and checks that it is or contains the expected audience (RFC 7519 s4.1.3, RFC 9068 s4).
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

/// Returns whether a `typ` is the expected one. It is a media type, so case does not matter, and `application/` may be
/// left out (RFC 7515 s4.1.9, RFC 9068 s4).
fn is_type(typ: &str, expected: &str) -> bool {
    const APPLICATION: &str = "application/";
    let full = typ.split_at_checked(APPLICATION.len());
    let subtype = full.and_then(|(start, rest)| start.eq_ignore_ascii_case(APPLICATION).then_some(rest));
    subtype.unwrap_or(typ).eq_ignore_ascii_case(expected)
}

/// The claims about a token's lifetime.
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

    /// Checks that a token with these times is valid at `now`, within the leeway.
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

/// The keys that a verifier accepts, by `kid`. The verifier accepts each key until the key retires.
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
