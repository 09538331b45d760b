//! Client data: what a client signs about a ceremony, as JSON (L3 s5.8.1).

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::IgnoredAny};

use crate::{Challenge, InvalidChallenge, Refusal, RelyingParty, object::Object};

/// The mark that may precede UTF-8, which readers must remove (L3 s7.1, step 5).
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The type of a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ceremony {
    Create,
    Get,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData<'a> {
    #[serde(borrow, rename = "type")]
    ceremony: Cow<'a, str>,
    #[serde(borrow)]
    challenge: Cow<'a, str>,
    #[serde(borrow)]
    origin: Cow<'a, str>,
    cross_origin: Option<bool>,
    top_origin: Option<IgnoredAny>,
}

/// Checks client data (L3 s7.1, steps 5 to 11; s7.2, steps 8 to 14), and returns the challenge.
pub(crate) fn check(
    bytes: &[u8],
    ceremony: Ceremony,
    relying_party: &RelyingParty,
    check: impl FnOnce(&[u8]) -> Result<Challenge, InvalidChallenge>,
) -> Result<Challenge, Refusal> {
    let json = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let Object::<ClientData<'_>>(data) = serde_json::from_slice(json).map_err(|_| Refusal::MalformedClientData)?;
    if data.ceremony != ceremony.as_str() {
        return Err(Refusal::WrongType);
    }
    let challenge = URL_SAFE_NO_PAD
        .decode(&*data.challenge)
        .map_err(|_| InvalidChallenge::Foreign);
    let challenge = challenge.and_then(|bytes| check(&bytes))?;
    if !relying_party.accepts(&data.origin) {
        return Err(Refusal::WrongOrigin);
    }
    if data.cross_origin == Some(true) {
        return Err(Refusal::CrossOrigin);
    }
    if data.top_origin.is_some() {
        return Err(Refusal::TopOrigin);
    }
    Ok(challenge)
}

impl Ceremony {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}
