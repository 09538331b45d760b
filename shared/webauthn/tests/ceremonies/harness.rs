//! A relying party, its challenges, and what it expects.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::Timestamp;
use ring::hmac;
use webauthn::{
    Assertion, AuthenticationResponse, ChallengeTerms, Origin, Purpose, Refusal, Registration, RegistrationResponse,
    RelyingParty, RpId, StoredCredential, UserHandle,
};

use crate::authenticator::{Assert, Device, Register};

pub(crate) const NOW: Timestamp = Timestamp::new(1_700_000_000);
pub(crate) const RP_ID: &str = "example.com";
pub(crate) const ORIGIN: &str = "https://login.example.com";
/// The handle of the user whom every device of these tests belongs to.
pub(crate) const HANDLE: &[u8] = b"user-1";
/// What challenges are bound to.
pub(crate) const BINDING: &[u8] = b"binding";

pub(crate) fn relying_party() -> RelyingParty {
    let origins = [ORIGIN, "http://localhost:5173"].map(|origin| Origin::parse(origin).unwrap());
    RelyingParty::new(rp_id(), origins)
}

pub(crate) fn rp_id() -> RpId {
    RpId::parse(RP_ID).unwrap()
}

pub(crate) fn handle() -> UserHandle {
    UserHandle::new(HANDLE.to_vec()).unwrap()
}

pub(crate) fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, b"a key for challenges and for nothing else")
}

pub(crate) fn terms(key: &hmac::Key, purpose: Purpose) -> ChallengeTerms<'_> {
    ChallengeTerms {
        key,
        purpose,
        binding: BINDING,
    }
}

/// Returns a challenge in base64url.
pub(crate) fn challenge(purpose: Purpose) -> String {
    terms(&key(), purpose).issue(NOW, [7; 16]).to_base64url()
}

/// Verifies a registration as a caller does: from its JSON.
pub(crate) fn register(parts: &Register) -> Result<Registration, Refusal> {
    let response = RegistrationResponse::from_json(parts.to_json().to_string().as_bytes()).unwrap();
    relying_party().verify_registration(&response, NOW, &terms(&key(), Purpose::Register))
}

/// Verifies an assertion for a login, with what is stored for the device.
pub(crate) fn assert(device: &Device, parts: &Assert, stored: Option<&StoredCredential>) -> Result<Assertion, Refusal> {
    let response = AuthenticationResponse::from_json(parts.to_json(device).to_string().as_bytes()).unwrap();
    relying_party().verify_assertion(&response, NOW, &terms(&key(), Purpose::Login), stored)
}

/// Registers a device, and returns what the caller stores.
pub(crate) fn stored(device: &Device) -> StoredCredential {
    let registration = register(&device.register()).unwrap();
    StoredCredential {
        id: registration.id,
        key: registration.key,
        counter: registration.counter,
        backup_eligible: registration.backup_eligible,
        rp_id: rp_id(),
        user_handle: handle(),
    }
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
