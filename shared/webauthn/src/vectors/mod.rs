//! The test vectors of Web Authentication Level 3. They are part of the crate because their challenges are not ours, and
//! because most of them lack user verification, so that only their keys and signatures can be accepted.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::Timestamp;
use ring::hmac;
use serde_json::{Value, json};

use crate::{
    Algorithm, AuthenticationResponse, Challenge, ChallengeTerms, CounterSignal, InvalidChallenge, Origin, PublicKey,
    Purpose, Refusal, RegistrationResponse, RelyingParty, RpId, StoredCredential, UserHandle, attestation::Attestation,
    authenticator_data::AuthenticatorData, cose_key,
};

const VECTORS: &str = include_str!("w3c.json");
/// The position of the flags in authenticator data, and two of its bits.
const FLAGS: usize = 32;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;

/// Each vector, the reason for which its client data is refused, and the algorithm of its key.
const EXPECTED: [(&str, Option<Refusal>, Result<Algorithm, Refusal>); 15] = [
    ("none-es256", None, Ok(Algorithm::Es256)),
    ("packed-self-es256", None, Ok(Algorithm::Es256)),
    (
        "none-es256-crossOrigin",
        Some(Refusal::CrossOrigin),
        Ok(Algorithm::Es256),
    ),
    ("none-es256-topOrigin", Some(Refusal::CrossOrigin), Ok(Algorithm::Es256)),
    ("none-es256-long-credential-id", None, Ok(Algorithm::Es256)),
    ("packed-es256", None, Ok(Algorithm::Es256)),
    ("packed-es384", None, Err(Refusal::AlgorithmNotOffered)),
    ("packed-es512", None, Err(Refusal::AlgorithmNotOffered)),
    ("packed-rs256", None, Ok(Algorithm::Rs256)),
    ("packed-eddsa", None, Ok(Algorithm::EdDsa)),
    ("packed-ed448", None, Err(Refusal::AlgorithmNotOffered)),
    ("tpm-es256", None, Ok(Algorithm::Es256)),
    ("android-key-es256", None, Ok(Algorithm::Es256)),
    ("apple-es256", None, Ok(Algorithm::Es256)),
    ("fido-u2f-es256", None, Ok(Algorithm::Es256)),
];

/// A vector in the form in which a client sends it.
struct Vector {
    registration: RegistrationResponse,
    registration_challenge: Vec<u8>,
    authentication: AuthenticationResponse,
    authentication_challenge: Vec<u8>,
}

#[test]
fn every_vector_is_accepted_or_refused_as_it_must_be() {
    let mut accepted = Vec::new();
    for (name, client_data, algorithm) in EXPECTED {
        let vector = Vector::read(name);
        let rp = relying_party();

        let expected = client_data
            .or_else(|| (!vector.has_in_registration(USER_VERIFIED)).then_some(Refusal::UserNotVerified))
            .map_or(algorithm, Err);
        let registered = rp.check_registration(&vector.registration, equal_to(&vector.registration_challenge));
        assert_eq!(
            registered
                .as_ref()
                .map(|found| found.key.algorithm())
                .map_err(|error| *error),
            expected,
            "{name}"
        );

        let Ok(key) = vector.key() else { continue };
        let stored = StoredCredential {
            id: vector.registration.id.clone(),
            key,
            counter: 0,
            backup_eligible: vector.has_in_registration(BACKUP_ELIGIBLE),
            rp_id: rp.rp_id().clone(),
            user_handle: UserHandle::new(vec![1]).unwrap(),
        };
        let expected = client_data
            .or_else(|| (!vector.has_in_authentication(USER_VERIFIED)).then_some(Refusal::UserNotVerified))
            .map_or(Ok(CounterSignal::NotUsed), Err);
        let check = equal_to(&vector.authentication_challenge);
        let asserted = rp.check_assertion(&vector.authentication, Some(&stored), check);
        assert_eq!(asserted.map(|found| found.signal), expected, "{name}");
        accepted.extend(expected.is_ok().then_some(name));
    }

    // The others lack user verification in the assertion.
    assert_eq!(accepted, ["none-es256-long-credential-id", "packed-es256", "tpm-es256"]);
}

#[test]
fn every_key_is_read_and_verifies_its_signature_and_no_other() {
    for (name, _, algorithm) in EXPECTED {
        let vector = Vector::read(name);

        let key = vector.key();

        assert_eq!(
            key.as_ref().map(PublicKey::algorithm).map_err(|error| *error),
            algorithm,
            "{name}"
        );
        let Ok(key) = key else { continue };
        assert!(vector.authentication.is_signed_with(&key), "{name}");
        for (other, ..) in EXPECTED.into_iter().filter(|(other, ..)| *other != name) {
            assert!(
                !Vector::read(other).authentication.is_signed_with(&key),
                "{name}, {other}"
            );
        }
        let stored = PublicKey::from_spki(key.algorithm(), key.spki().to_vec());
        assert_eq!(stored, Ok(key), "{name}");
    }
}

#[test]
fn every_vector_is_tried() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let names = file["vectors"].as_array().unwrap().iter();

    assert!(
        names
            .map(|vector| vector["name"].as_str().unwrap())
            .eq(EXPECTED.map(|(name, ..)| name))
    );
}

impl Vector {
    fn read(name: &str) -> Self {
        let file: Value = serde_json::from_str(VECTORS).unwrap();
        let vector = file["vectors"]
            .as_array()
            .unwrap()
            .iter()
            .find(|vector| vector["name"] == *name)
            .unwrap();
        let (registration, authentication) = (&vector["registration"], &vector["authentication"]);
        let id = base64url(&registration["credential_id"]);
        let credential = |response: &Value| {
            json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
                .to_string()
        };
        let registered = credential(&json!({
            "clientDataJSON": base64url(&registration["clientDataJSON"]),
            "attestationObject": base64url(&registration["attestationObject"]),
        }));
        let authenticated = credential(&json!({
            "clientDataJSON": base64url(&authentication["clientDataJSON"]),
            "authenticatorData": base64url(&authentication["authenticatorData"]),
            "signature": base64url(&authentication["signature"]),
        }));
        Self {
            registration: RegistrationResponse::from_json(registered.as_bytes()).unwrap(),
            registration_challenge: bytes(&registration["challenge"]),
            authentication: AuthenticationResponse::from_json(authenticated.as_bytes()).unwrap(),
            authentication_challenge: bytes(&authentication["challenge"]),
        }
    }

    fn key(&self) -> Result<PublicKey, Refusal> {
        let data = AuthenticatorData::parse(self.registration_data()).unwrap();
        cose_key::parse(data.attested.unwrap().key)
    }

    fn registration_data(&self) -> &[u8] {
        Attestation::parse(&self.registration.attestation_object)
            .unwrap()
            .authenticator_data
    }

    fn has_in_registration(&self, flag: u8) -> bool {
        self.registration_data()[FLAGS] & flag != 0
    }

    fn has_in_authentication(&self, flag: u8) -> bool {
        self.authentication.authenticator_data[FLAGS] & flag != 0
    }
}

fn relying_party() -> RelyingParty {
    RelyingParty::new(
        RpId::parse("example.org").unwrap(),
        [Origin::parse("https://example.org").unwrap()],
    )
}

/// Returns a check that accepts only this challenge.
fn equal_to(expected: &[u8]) -> impl FnOnce(&[u8]) -> Result<Challenge, InvalidChallenge> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &[]);
    let terms = ChallengeTerms {
        key: &key,
        purpose: Purpose::Login,
        binding: b"",
    };
    let ours = terms.issue(Timestamp::new(0), [0; 16]);
    move |bytes| (bytes == expected).then_some(ours).ok_or(InvalidChallenge::Foreign)
}

fn base64url(hex: &Value) -> String {
    URL_SAFE_NO_PAD.encode(bytes(hex))
}

fn bytes(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap().as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
