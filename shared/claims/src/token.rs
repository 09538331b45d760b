//! Tokens as text: three base64url parts joined by dots (RFC 7515 s7.1), before and after signing.

use std::{fmt, marker::PhantomData};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value};

use crate::{Draft, KeyId, Refusal, SignError, TokenKind, VerifyingKey, json};

/// Header members that are never supported: extensions, compression, encryption, and keys inside the token (RFC 7515
/// s4.1, RFC 7516, RFC 7797, RFC 8725 s3.10).
const FORBIDDEN_HEADERS: &[&str] = &["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"];
/// Header members that must be strings if they are present (RFC 7515 s4.1, RFC 8555 s6.4, s6.5). This crate does not
/// use them. It refuses a header in which one of them has another type, because other verifiers may refuse such a
/// header.
const TEXT_HEADERS: &[&str] = &["cty", "x5t", "x5t#S256", "url", "nonce"];

/// A signed token of kind `K`. Its text is a secret, so `Debug` does not show it.
pub struct SignedToken<K> {
    text: String,
    kind: PhantomData<fn() -> K>,
}

impl<K> SignedToken<K> {
    /// Returns the token in compact serialisation, for the one response that contains it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl<K> fmt::Debug for SignedToken<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SignedToken(..)")
    }
}

/// The header and claims of a token, ready to be signed (RFC 7515 s5.1).
///
/// A token is issued in two steps, [`SigningInput::new`] and [`SigningInput::join`]. The signature is made between
/// them, so the key can also be one that never leaves its hardware.
pub struct SigningInput<K> {
    text: String,
    kind: PhantomData<fn() -> K>,
}

impl<K: TokenKind> SigningInput<K> {
    /// Makes the signing input of a draft, for the key `kid`.
    ///
    /// # Errors
    /// If the claims cannot be written as JSON.
    pub fn new(draft: &Draft<K>, kid: &KeyId, algorithm: Algorithm) -> Result<Self, SignError> {
        let mut header = Header::new(algorithm);
        header.typ = Some(K::TYP.to_owned());
        header.kid = Some(kid.as_str().to_owned());
        let header = serde_json::to_vec(&header).map_err(|_| SignError::Malformed)?;
        let claims = serde_json::to_vec(&draft.claims_set()).map_err(|_| SignError::Malformed)?;

        let mut text = URL_SAFE_NO_PAD.encode(header);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut text);
        Ok(Self {
            text,
            kind: PhantomData,
        })
    }

    /// Returns the bytes to sign.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Returns the token that consists of this input and the signature over it.
    ///
    /// # Errors
    /// If the token would be longer than the limit of its kind.
    pub fn join(mut self, signature: &[u8]) -> Result<SignedToken<K>, SignError> {
        self.text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut self.text);
        (self.text.len() <= K::MAX_LENGTH)
            .then_some(SignedToken {
                text: self.text,
                kind: PhantomData,
            })
            .ok_or(SignError::TooLong { limit: K::MAX_LENGTH })
    }
}

impl<K> fmt::Debug for SigningInput<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningInput(..)")
    }
}

/// A received token of kind `K`, split and decoded. Nothing in it is trusted before a [`Verifier`](crate::Verifier) has
/// verified it. The token is a secret, so `Debug` does not show it.
pub struct Unverified<'a, K> {
    header: Map<String, Value>,
    claims: Vec<u8>,
    signature: Vec<u8>,
    signed: &'a [u8],
    kind: PhantomData<fn() -> K>,
}

impl<'a, K: TokenKind> Unverified<'a, K> {
    /// Splits and decodes a token in compact serialisation: three parts of unpadded base64url, the first of which is a
    /// JSON object with distinct names (RFC 7515 s3.1, s4).
    ///
    /// # Errors
    /// If the token is longer than the limit of its kind, is not of this form, or has an invalid header.
    pub fn parse(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > K::MAX_LENGTH {
            return Err(Refusal::TooLong);
        }
        Self::split(token)
    }

    /// Splits and decodes a token of any length.
    pub(crate) fn split(token: &'a str) -> Result<Self, Refusal> {
        let (signed, [header, claims, signature]) = decode(token).ok_or(Refusal::NotCompact)?;
        let is_text = |name: &&str, header: &Map<String, Value>| header.get(*name).is_none_or(Value::is_string);
        Ok(Self {
            header: json::parse_object(&header)
                .filter(|header| TEXT_HEADERS.iter().all(|name| is_text(name, header)))
                .ok_or(Refusal::MalformedHeader)?,
            claims,
            signature,
            signed,
            kind: PhantomData,
        })
    }

    /// Returns the value of the header's member `name`, if it is a string.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// Verifies the signature and returns the bytes of the claims. The header must have the key's algorithm and none of
    /// the forbidden members.
    pub(crate) fn verify(&self, key: &VerifyingKey) -> Result<&[u8], Refusal> {
        if self.header("alg").and_then(|name| name.parse().ok()) != Some(key.algorithm()) {
            return Err(Refusal::WrongAlgorithm);
        }
        if FORBIDDEN_HEADERS.iter().any(|name| self.header.contains_key(*name)) {
            return Err(Refusal::ForbiddenHeader);
        }
        key.verify(self.signed, &self.signature)
            .then_some(&*self.claims)
            .ok_or(Refusal::BadSignature)
    }
}

impl<K> fmt::Debug for Unverified<'_, K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Unverified(..)")
    }
}

fn decode(token: &str) -> Option<(&[u8], [Vec<u8>; 3])> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    Some((
        signed.as_bytes(),
        [decode(header)?, decode(claims)?, decode(signature)?],
    ))
}
