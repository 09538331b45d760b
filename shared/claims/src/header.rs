//! The header of a token (RFC 7515 s4) and its checks.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{KeyId, Refusal, VerifyingKey, json};

/// Header members that are never supported: extensions, compression, encryption, and keys inside the token (RFC 7515
/// s4.1, RFC 7516, RFC 7797, RFC 8725 s3.10).
const FORBIDDEN: &[&str] = &["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"];
/// Header members that must be strings if they are present (RFC 7515 s4.1, RFC 8555 s6.4, s6.5). This crate does not
/// use them. It refuses a header in which one of them has another type, because other verifiers may refuse such a
/// header.
const TEXT: &[&str] = &["cty", "x5t", "x5t#S256", "url", "nonce"];

/// The header of a token that is not verified yet: a JSON object with distinct names.
pub(crate) struct Header(Map<String, Value>);

impl Header {
    /// Decodes and parses a header.
    ///
    /// # Errors
    /// If it is not unpadded base64url, is not a JSON object with distinct names, or has a member of the wrong type.
    pub(crate) fn parse(base64url: &str) -> Result<Self, Refusal> {
        let json = URL_SAFE_NO_PAD.decode(base64url).map_err(|_| Refusal::NotCompact)?;
        json::parse_object(&json)
            .filter(|members| TEXT.iter().all(|name| members.get(*name).is_none_or(Value::is_string)))
            .map(Self)
            .ok_or(Refusal::MalformedHeader)
    }

    /// Checks that the `typ` is this one.
    pub(crate) fn check_type(&self, expected: &str) -> Result<(), Refusal> {
        self.text("typ")
            .is_some_and(|typ| is_type(typ, expected))
            .then_some(())
            .ok_or(Refusal::WrongType)
    }

    /// Returns the id of the key.
    pub(crate) fn key_id(&self) -> Result<KeyId, Refusal> {
        self.text("kid")
            .and_then(|kid| KeyId::parse(kid).ok())
            .ok_or(Refusal::NoKeyId)
    }

    /// Checks that the header has the key's algorithm (RFC 8725 s3.1) and none of the forbidden members.
    pub(crate) fn check_for(&self, key: &VerifyingKey) -> Result<(), Refusal> {
        if self.text("alg").and_then(|name| name.parse().ok()) != Some(key.algorithm()) {
            return Err(Refusal::WrongAlgorithm);
        }
        if FORBIDDEN.iter().any(|name| self.0.contains_key(*name)) {
            return Err(Refusal::ForbiddenHeader);
        }
        Ok(())
    }

    /// Returns the value of a member, if it is a string.
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
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
