//! The response of a client to request options.

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{
    CredentialId, InvalidResponse, UserHandle,
    credential::{RawCredential, decode},
    object::Object,
    registration_response::MAX_CLIENT_DATA,
    user_handle::MAX_USER_HANDLE,
};

/// The maximum length of authenticator data in bytes. Without the outputs of extensions, it has 37.
const MAX_AUTHENTICATOR_DATA: usize = 1024;
/// The maximum length of a signature in bytes: that of an RSA key of 4096 bits.
const MAX_SIGNATURE: usize = 512;

/// The response of a client to request options: an `AuthenticationResponseJSON` (L3 s5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationResponse {
    pub(crate) id: CredentialId,
    pub(crate) client_data: Vec<u8>,
    pub(crate) authenticator_data: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) user_handle: Option<UserHandle>,
}

#[derive(Deserialize)]
struct RawResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(rename = "authenticatorData")]
    authenticator_data: String,
    signature: String,
    #[serde(rename = "userHandle")]
    user_handle: Option<String>,
}

impl AuthenticationResponse {
    /// Parses a response. The caller limits the length of the whole.
    ///
    /// # Errors
    /// If the bytes are not an `AuthenticationResponseJSON`. Nothing is verified yet.
    pub fn from_json(json: &[u8]) -> Result<Self, InvalidResponse> {
        let raw: Object<_> = serde_json::from_slice(json).map_err(|_| InvalidResponse::NotJson)?;
        Self::from_raw(raw)
    }

    fn from_raw(raw: Object<RawCredential<RawResponse>>) -> Result<Self, InvalidResponse> {
        let (id, response) = raw.0.into_parts()?;
        let data = &response.authenticator_data;
        let user_handle = response.user_handle.map(|text| {
            let bytes = decode("response.userHandle", &text, MAX_USER_HANDLE)?;
            UserHandle::new(bytes).ok_or(InvalidResponse::InvalidUserHandle)
        });
        Ok(Self {
            id,
            client_data: decode("response.clientDataJSON", &response.client_data, MAX_CLIENT_DATA)?,
            authenticator_data: decode("response.authenticatorData", data, MAX_AUTHENTICATOR_DATA)?,
            signature: decode("response.signature", &response.signature, MAX_SIGNATURE)?,
            user_handle: user_handle.transpose()?,
        })
    }

    /// Returns the id of the credential, with which the caller finds what is stored. It is not verified yet.
    #[must_use]
    pub const fn id(&self) -> &CredentialId {
        &self.id
    }

    /// Returns the user handle, if the client sent one. It is not signed: only the credential that is stored for this
    /// handle and this id makes it true.
    #[must_use]
    pub const fn user_handle(&self) -> Option<&UserHandle> {
        self.user_handle.as_ref()
    }
}

impl<'de> Deserialize<'de> for AuthenticationResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_raw(Object::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
