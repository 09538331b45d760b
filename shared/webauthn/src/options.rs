//! The options that a client passes to the browser, as JSON (L3 s5.1.8, s5.1.10).

use serde::Serialize;

use crate::{Algorithm, Challenge, CredentialId, RelyingParty, Transport, UserHandle, challenge::LIFETIME};

/// The user for whom a passkey is made.
#[derive(Clone, Copy, Debug)]
pub struct User<'a> {
    /// What the authenticator returns in assertions.
    pub handle: &'a UserHandle,
    /// The name by which the user tells accounts apart, such as an address.
    pub name: &'a str,
    /// The name that is displayed. It may be empty.
    pub display_name: &'a str,
}

/// A credential that is named in options.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor<'a> {
    /// The id.
    pub id: &'a CredentialId,
    /// How clients can reach the authenticator.
    pub transports: &'a [Transport],
}

/// Options for a registration: a `PublicKeyCredentialCreationOptionsJSON`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions<'a> {
    rp: RpEntity<'a>,
    user: UserEntity<'a>,
    challenge: String,
    pub_key_cred_params: Vec<Parameters>,
    timeout: u64,
    exclude_credentials: Vec<DescriptorJson<'a>>,
    authenticator_selection: AuthenticatorSelection,
    attestation: &'static str,
}

/// Options for an assertion: a `PublicKeyCredentialRequestOptionsJSON`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions<'a> {
    challenge: String,
    timeout: u64,
    rp_id: &'a str,
    allow_credentials: Vec<DescriptorJson<'a>>,
    user_verification: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct RpEntity<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UserEntity<'a> {
    id: String,
    name: &'a str,
    display_name: &'a str,
}

#[derive(Clone, Debug, Serialize)]
struct Parameters {
    r#type: &'static str,
    alg: i64,
}

#[derive(Clone, Debug, Serialize)]
struct DescriptorJson<'a> {
    r#type: &'static str,
    id: String,
    transports: &'a [Transport],
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthenticatorSelection {
    resident_key: &'static str,
    /// What clients of Level 1 read instead of `residentKey`.
    require_resident_key: bool,
    user_verification: &'static str,
}

const PUBLIC_KEY: &str = "public-key";
const REQUIRED: &str = "required";

impl RelyingParty {
    /// Returns options for the registration of a passkey that the client can find without the user's name, with user
    /// verification and without attestation. The client refuses authenticators that hold one of the excluded
    /// credentials. The name of the relying party is its RP ID, because clients do not show another (L3 s5.4.1).
    #[must_use]
    pub fn creation_options<'a>(
        &'a self,
        challenge: &Challenge,
        user: &User<'a>,
        excluded: &[Descriptor<'a>],
    ) -> CreationOptions<'a> {
        let rp_id = self.rp_id().as_str();
        let parameters = |algorithm: &Algorithm| Parameters {
            r#type: PUBLIC_KEY,
            alg: algorithm.cose(),
        };
        CreationOptions {
            rp: RpEntity { id: rp_id, name: rp_id },
            user: UserEntity {
                id: user.handle.to_base64url(),
                name: user.name,
                display_name: user.display_name,
            },
            challenge: challenge.to_base64url(),
            pub_key_cred_params: Algorithm::ALL.iter().map(parameters).collect(),
            timeout: timeout(),
            exclude_credentials: excluded.iter().map(DescriptorJson::new).collect(),
            authenticator_selection: AuthenticatorSelection {
                resident_key: REQUIRED,
                require_resident_key: true,
                user_verification: REQUIRED,
            },
            attestation: "none",
        }
    }

    /// Returns options for an assertion with user verification. For a login, `allowed` must be empty, so that the client
    /// offers the passkeys that it finds: a list would reveal whether a user exists (L3 s14.6.2).
    #[must_use]
    pub fn request_options<'a>(&'a self, challenge: &Challenge, allowed: &[Descriptor<'a>]) -> RequestOptions<'a> {
        RequestOptions {
            challenge: challenge.to_base64url(),
            timeout: timeout(),
            rp_id: self.rp_id().as_str(),
            allow_credentials: allowed.iter().map(DescriptorJson::new).collect(),
            user_verification: REQUIRED,
        }
    }
}

impl<'a> DescriptorJson<'a> {
    fn new(descriptor: &Descriptor<'a>) -> Self {
        Self {
            r#type: PUBLIC_KEY,
            id: descriptor.id.to_base64url(),
            transports: descriptor.transports,
        }
    }
}

/// Returns the time in milliseconds after which the client gives up: when the challenge expires.
const fn timeout() -> u64 {
    LIFETIME.get().saturating_mul(1000)
}
