//! Tokens as text: three base64url parts joined by dots (RFC 7515 s7.1), before and after signing.

use std::{fmt, marker::PhantomData};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header};
use serde::Deserialize;

use crate::{Draft, KeyId, Refusal, SignError, TokenKind, VerifyingKey};

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

/// The names in a token. None of them is trusted unless a key of ours signed the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The id of the key, the `kid` header (RFC 7515 s4.1.4).
    pub kid: Option<String>,
    /// The id of the user, the `sub` claim (RFC 7519 s4.1.2).
    pub sub: Option<String>,
    /// The id of the session, the `sid` claim.
    pub sid: Option<String>,
}

#[derive(Default, Deserialize)]
struct KeyName {
    kid: Option<String>,
}

#[derive(Default, Deserialize)]
struct OwnerNames {
    sub: Option<String>,
    sid: Option<String>,
}

/// A received token of kind `K`, split and decoded. Nothing in it is trusted before a [`Verifier`](crate::Verifier) has
/// verified it. The token is a secret, so `Debug` does not show it.
pub struct Unverified<'a, K> {
    /// The header, which is still encoded. A verifier only decodes one that it does not remember.
    header: &'a str,
    claims: Vec<u8>,
    signature: Vec<u8>,
    signed: &'a [u8],
    kind: PhantomData<fn() -> K>,
}

impl<'a, K: TokenKind> Unverified<'a, K> {
    /// Splits a token in compact serialisation: three parts of unpadded base64url (RFC 7515 s3.1). The claims and the
    /// signature are decoded.
    ///
    /// # Errors
    /// If the token is longer than the limit of its kind or is not of this form. [`Verifier::verify`] checks the
    /// form of the header.
    ///
    /// [`Verifier::verify`]: crate::Verifier::verify
    pub fn parse(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > K::MAX_LENGTH {
            return Err(Refusal::TooLong);
        }
        Self::split(token)
    }

    /// Splits a token of any length.
    pub(crate) fn split(token: &'a str) -> Result<Self, Refusal> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::NotCompact)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::NotCompact)?;
        // This decoder is as strict as that of `base64`, and takes a third of the time.
        let decoder = base64_simd::URL_SAFE_NO_PAD;
        let decode = |part: &str| decoder.decode_to_vec(part).map_err(|_| Refusal::NotCompact);
        Ok(Self {
            header,
            claims: decode(claims)?,
            signature: decode(signature)?,
            signed: signed.as_bytes(),
            kind: PhantomData,
        })
    }

    /// Returns whom the token names, for the log line of a refused token that one of our keys signed. The names of any
    /// other token may be anything.
    #[must_use]
    pub fn names(&self) -> Names {
        let header = URL_SAFE_NO_PAD.decode(self.header).unwrap_or_default();
        let KeyName { kid } = serde_json::from_slice(&header).unwrap_or_default();
        let OwnerNames { sub, sid } = serde_json::from_slice(&self.claims).unwrap_or_default();
        Names { kid, sub, sid }
    }

    /// Returns the header as it is in the token.
    pub(crate) const fn header(&self) -> &'a str {
        self.header
    }

    /// Verifies the signature and returns the bytes of the claims. The header is not checked.
    pub(crate) fn verify(&self, key: &VerifyingKey) -> Result<&[u8], Refusal> {
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
