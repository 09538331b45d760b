//! The fuzz target for passkeys. It verifies the data as a response of either kind, and as each part of a response that
//! is correct apart from its signature.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::Timestamp;
use ring::hmac;
use serde_json::{Value, json};
use webauthn::{AuthenticationResponse, ChallengeTerms, Origin, Purpose, RegistrationResponse, RelyingParty, RpId};

const NOW: Timestamp = Timestamp::new(1_700_000_000);
/// An attestation object of the format `none`, up to the length of its authenticator data.
const ATTESTATION: &[u8] = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData";

/// Verifies the data as responses, and as parts of them.
///
/// # Panics
/// If an assertion is accepted, although no credential is stored.
pub fn run(data: &[u8]) {
    register(data);
    assert(data);
    let client_data = client_data("webauthn.create", Purpose::Register);
    register(&registration(&client_data, data));
    register(&registration(&client_data, &attestation(data)));
    register(&registration(data, data));
    assert(&assertion(data, data));
    assert(&assertion(&self::client_data("webauthn.get", Purpose::Login), data));
}

fn register(json: &[u8]) {
    let key = key();
    if let Ok(response) = RegistrationResponse::from_json(json) {
        let found = relying_party().verify_registration(&response, NOW, &terms(&key, Purpose::Register));
        drop(found);
    }
}

fn assert(json: &[u8]) {
    let key = key();
    if let Ok(response) = AuthenticationResponse::from_json(json) {
        let found = relying_party().verify_assertion(&response, NOW, &terms(&key, Purpose::Login), None);
        assert!(found.is_err());
    }
}

fn registration(client_data: &[u8], attestation: &[u8]) -> Vec<u8> {
    credential(&json!({ "clientDataJSON": encode(client_data), "attestationObject": encode(attestation) }))
}

fn assertion(client_data: &[u8], authenticator_data: &[u8]) -> Vec<u8> {
    credential(&json!({
        "clientDataJSON": encode(client_data),
        "authenticatorData": encode(authenticator_data),
        "signature": "AA",
        "userHandle": "AA",
    }))
}

fn credential(response: &Value) -> Vec<u8> {
    json!({ "id": "AQ", "rawId": "AQ", "type": "public-key", "response": response })
        .to_string()
        .into_bytes()
}

fn attestation(authenticator_data: &[u8]) -> Vec<u8> {
    let length = authenticator_data.len().to_be_bytes();
    match length {
        [0, 0, 0, 0, 0, 0, 0, low] if low < 24 => [ATTESTATION, &[0x40 | low], authenticator_data].concat(),
        [0, 0, 0, 0, 0, 0, 0, low] => [ATTESTATION, &[0x58, low], authenticator_data].concat(),
        [.., high, low] => [ATTESTATION, &[0x59, high, low], authenticator_data].concat(),
    }
}

fn client_data(ceremony: &str, purpose: Purpose) -> Vec<u8> {
    let challenge = terms(&key(), purpose).issue(NOW, [7; 16]).to_base64url();
    json!({ "type": ceremony, "challenge": challenge, "origin": "https://example.org" })
        .to_string()
        .into_bytes()
}

fn relying_party() -> RelyingParty {
    let origin = Origin::parse("https://example.org").unwrap();
    RelyingParty::new(RpId::parse("example.org").unwrap(), [origin])
}

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, b"a key for challenges")
}

fn terms(key: &hmac::Key, purpose: Purpose) -> ChallengeTerms<'_> {
    ChallengeTerms {
        key,
        purpose,
        binding: b"",
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
