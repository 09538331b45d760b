//! The JSON of a public-key credential, as the method `toJSON()` of browsers writes it (L3 s5.1).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::{CredentialId, InvalidResponse, credential_id::MAX_CREDENTIAL_ID, object::Object};

/// The only type of credentials (L3 s5.8.2).
const PUBLIC_KEY: &str = "public-key";

/// The members that responses of both ceremonies have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(bound = "T: Deserialize<'de>")]
pub(crate) struct RawCredential<T> {
    id: String,
    raw_id: String,
    #[serde(rename = "type")]
    credential_type: String,
    response: Object<T>,
}

impl<T> RawCredential<T> {
    /// Checks the shared members, and returns the id and the response.
    pub(crate) fn into_parts(self) -> Result<(CredentialId, T), InvalidResponse> {
        if self.credential_type != PUBLIC_KEY {
            return Err(InvalidResponse::OtherType);
        }
        let id = decode("rawId", &self.raw_id, MAX_CREDENTIAL_ID)?;
        let id = CredentialId::new(id).ok_or(InvalidResponse::InvalidId)?;
        if self.id != self.raw_id {
            return Err(InvalidResponse::IdsDiffer);
        }
        Ok((id, self.response.0))
    }
}

/// Decodes a member that has at most `longest` bytes.
pub(crate) fn decode(name: &'static str, text: &str, longest: usize) -> Result<Vec<u8>, InvalidResponse> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| InvalidResponse::NotBase64(name))?;
    (bytes.len() <= longest)
        .then_some(bytes)
        .ok_or(InvalidResponse::TooLong(name))
}
