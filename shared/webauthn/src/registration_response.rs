//! The response of a client to creation options.

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{
    CredentialId, InvalidResponse, Transport,
    credential::{RawCredential, decode},
    object::Object,
};

/// The maximum length of client data in bytes. Clients write about 200.
pub(crate) const MAX_CLIENT_DATA: usize = 4096;
/// The maximum length of an attestation object in bytes. One without certificates is shorter than 2,000.
const MAX_ATTESTATION: usize = 16 * 1024;
/// The maximum length of an SPKI in bytes. That of an RSA key of 4096 bits has 550.
const MAX_SPKI: usize = 1024;

/// The response of a client to creation options: a `RegistrationResponseJSON` (L3 s5.1).
///
/// The attestation object is required. The members `authenticatorData`, `publicKey` and `publicKeyAlgorithm`, which
/// repeat parts of it, may be missing, as native apps leave them out; if they are there, they must agree with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationResponse {
    pub(crate) id: CredentialId,
    pub(crate) client_data: Vec<u8>,
    pub(crate) attestation_object: Vec<u8>,
    pub(crate) authenticator_data: Option<Vec<u8>>,
    pub(crate) public_key: Option<Vec<u8>>,
    pub(crate) public_key_algorithm: Option<i64>,
    pub(crate) transports: Vec<Transport>,
}

#[derive(Deserialize)]
struct RawResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(rename = "attestationObject")]
    attestation_object: String,
    #[serde(rename = "authenticatorData")]
    authenticator_data: Option<String>,
    #[serde(rename = "publicKey")]
    public_key: Option<String>,
    #[serde(rename = "publicKeyAlgorithm")]
    public_key_algorithm: Option<i64>,
    transports: Option<Vec<String>>,
}

impl RegistrationResponse {
    /// Parses a response. The caller limits the length of the whole.
    ///
    /// # Errors
    /// If the bytes are not a `RegistrationResponseJSON`. Nothing is verified yet.
    pub fn from_json(json: &[u8]) -> Result<Self, InvalidResponse> {
        let raw: Object<_> = serde_json::from_slice(json).map_err(|_| InvalidResponse::NotJson)?;
        Self::from_raw(raw)
    }

    fn from_raw(raw: Object<RawCredential<RawResponse>>) -> Result<Self, InvalidResponse> {
        let (id, response) = raw.0.into_parts()?;
        let optional = |name, text: Option<String>, longest| text.map(|text| decode(name, &text, longest)).transpose();
        Ok(Self {
            id,
            client_data: decode("response.clientDataJSON", &response.client_data, MAX_CLIENT_DATA)?,
            attestation_object: decode(
                "response.attestationObject",
                &response.attestation_object,
                MAX_ATTESTATION,
            )?,
            authenticator_data: optional(
                "response.authenticatorData",
                response.authenticator_data,
                MAX_ATTESTATION,
            )?,
            public_key: optional("response.publicKey", response.public_key, MAX_SPKI)?,
            public_key_algorithm: response.public_key_algorithm,
            transports: transports(&response.transports.unwrap_or_default()),
        })
    }

    /// Returns the id of the credential. It is not verified yet.
    #[must_use]
    pub const fn id(&self) -> &CredentialId {
        &self.id
    }
}

/// Returns the known transports among these names, each once. Unknown names must be ignored (L3 s5.8.4).
fn transports(names: &[String]) -> Vec<Transport> {
    let is_named = |transport: &Transport| names.iter().any(|name| name == transport.as_str());
    Transport::ALL.iter().copied().filter(is_named).collect()
}

impl<'de> Deserialize<'de> for RegistrationResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_raw(Object::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
