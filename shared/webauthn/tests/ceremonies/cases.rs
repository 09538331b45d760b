//! The changes after which a response is refused: a table of everything that must be refused.

use claims::Timestamp;
use serde_json::{Map, Value, json};
use webauthn::{Algorithm, CredentialId, LIFETIME, Purpose, Refusal, RpId, StoredCredential, UserHandle};

use crate::{
    authenticator::{
        ATTESTED, Assert, BACKED_UP, BACKUP_ELIGIBLE, Data, Device, EXTENSIONS, Register, USER_PRESENT, USER_VERIFIED,
        bytes, ed25519, p256, rsa,
    },
    harness::{NOW, base64url, challenge, key, stored, terms},
};

/// A change after which a response must be refused.
pub(crate) enum Case {
    /// A change of a registration by an ES256 authenticator.
    Registration(fn(&mut Register)),
    /// A change of an assertion.
    Assertion(fn(&mut Assert)),
    /// A change of what is stored.
    Stored(fn(&mut StoredCredential)),
    /// Nothing is stored.
    Unknown,
    /// Changes of the shared parts: of a registration and of an assertion.
    Both(fn(&mut Parts<'_>)),
}

/// The parts that both responses have.
pub(crate) struct Parts<'a> {
    pub(crate) client_data: &'a mut Map<String, Value>,
    pub(crate) data: &'a mut Data,
}

/// Returns the changes that lead to a refusal. A new refusal needs a case here, because there is no other branch.
#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(crate) fn cases(refusal: Refusal) -> Vec<Case> {
    use Case::{Assertion, Both, Registration, Stored, Unknown};
    match refusal {
        Refusal::NoUserHandle => vec![Assertion(|parts| parts.handle = None)],
        Refusal::MalformedClientData => vec![
            Both(|parts| _ = parts.client_data.remove("type")),
            Both(|parts| _ = parts.client_data.remove("challenge")),
            Both(|parts| _ = parts.client_data.remove("origin")),
            Both(|parts| set(parts, "origin", json!(1))),
            Both(|parts| set(parts, "crossOrigin", json!("true"))),
        ],
        Refusal::WrongType => vec![
            Registration(|parts| parts.client_data["type"] = json!("webauthn.get")),
            Assertion(|parts| parts.client_data["type"] = json!("webauthn.create")),
            Both(|parts| set(parts, "type", json!("payment.get"))),
            Both(|parts| set(parts, "type", json!(""))),
        ],
        Refusal::ForeignChallenge => vec![
            Both(|parts| set(parts, "challenge", json!(""))),
            Both(|parts| set(parts, "challenge", json!("not base64url!"))),
            Both(|parts| set(parts, "challenge", json!(format!("{}=", challenge_of(parts))))),
            Both(|parts| set(parts, "challenge", json!(format!("{}AA", challenge_of(parts))))),
            Both(|parts| set(parts, "challenge", json!(base64url(&[0; 41])))),
        ],
        Refusal::OtherPurpose => vec![
            Registration(|parts| parts.client_data["challenge"] = json!(challenge(Purpose::Login))),
            Assertion(|parts| parts.client_data["challenge"] = json!(challenge(Purpose::Register))),
            Assertion(|parts| parts.client_data["challenge"] = json!(challenge(Purpose::SecondStep))),
            Assertion(|parts| parts.client_data["challenge"] = json!(challenge(Purpose::Confirm))),
        ],
        Refusal::ExpiredChallenge => vec![Both(|parts| {
            let (key, purpose) = (
                key(),
                if parts.client_data["type"] == "webauthn.get" {
                    Purpose::Login
                } else {
                    Purpose::Register
                },
            );
            let long_ago = Timestamp::new(NOW.get() - LIFETIME.get());
            set(
                parts,
                "challenge",
                json!(terms(&key, purpose).issue(long_ago, [7; 16]).to_base64url()),
            );
        })],
        Refusal::WrongOrigin => vec![
            Both(|parts| set(parts, "origin", json!("https://example.com"))),
            Both(|parts| set(parts, "origin", json!("https://login.example.com/"))),
            Both(|parts| set(parts, "origin", json!("https://LOGIN.example.com"))),
            Both(|parts| set(parts, "origin", json!("https://login.example.com:443"))),
            Both(|parts| set(parts, "origin", json!("https://login.example.com.evil.example"))),
            Both(|parts| set(parts, "origin", json!("http://login.example.com"))),
            Both(|parts| set(parts, "origin", json!("http://localhost:5174"))),
            Both(|parts| set(parts, "origin", json!("null"))),
            Both(|parts| set(parts, "origin", json!(""))),
        ],
        Refusal::CrossOrigin => vec![Both(|parts| set(parts, "crossOrigin", json!(true)))],
        Refusal::TopOrigin => vec![
            Both(|parts| set(parts, "topOrigin", json!("https://login.example.com"))),
            Both(|parts| set(parts, "topOrigin", json!(false))),
        ],
        Refusal::MalformedAttestation => vec![
            Registration(|parts| parts.format = b"\xff".to_vec()),
            Registration(|parts| parts.format = Vec::new()),
            Registration(|parts| parts.format = b"two words".to_vec()),
            Registration(|parts| parts.format = vec![b'a'; 33]),
            Registration(|parts| parts.statement = vec![0x80]),
            Registration(|parts| parts.statement = Vec::new()),
            Registration(|parts| parts.statement = vec![0xa0, 0xa0]),
            Registration(|parts| parts.statement = b"\xa2\x61b\x00\x61a\x00".to_vec()),
            Registration(|parts| member(parts, "attestationObject", b"")),
            Registration(|parts| member(parts, "attestationObject", b"\xa0")),
        ],
        Refusal::OtherAuthenticatorData => vec![
            Registration(|parts| member(parts, "authenticatorData", b"")),
            Registration(|parts| {
                let other = Data {
                    counter: 1,
                    ..parts.data.clone()
                };
                member(parts, "authenticatorData", &other.to_bytes());
            }),
        ],
        Refusal::MalformedAuthenticatorData => vec![
            Both(|parts| parts.data.rest = vec![0]),
            Both(|parts| parts.data.rest = b"\xa0".to_vec()),
            Both(|parts| parts.data.flags |= EXTENSIONS),
            Both(|parts| extensions(parts, b"\xa0\xa0")),
            Both(|parts| extensions(parts, b"\x80")),
            Both(|parts| extensions(parts, b"\xa1\x61a\xf9\x00\x00")),
            Both(|parts| extensions(parts, b"\xa2\x61b\xf5\x61a\xf5")),
            Both(|parts| extensions(parts, b"\xbf\xff")),
            Registration(|parts| parts.data.flags &= !ATTESTED),
            Assertion(|parts| parts.data.flags |= ATTESTED),
            Registration(|parts| parts.data.credential.as_mut().unwrap().1 = Vec::new()),
            Registration(|parts| parts.data.credential.as_mut().unwrap().1.truncate(20)),
            Registration(|parts| parts.data.credential.as_mut().unwrap().1 = b"\x01".to_vec()),
            Registration(|parts| parts.data.credential.as_mut().unwrap().1.push(0)),
        ],
        Refusal::WrongRpId => vec![
            Both(|parts| parts.data.rp_id.insert_str(0, "login.")),
            Both(|parts| parts.data.rp_id.push_str(".evil.example")),
            Both(|parts| parts.data.rp_id = String::new()),
        ],
        Refusal::UserNotPresent => vec![
            Both(|parts| parts.data.flags &= !USER_PRESENT),
            Both(|parts| parts.data.flags &= !(USER_PRESENT | USER_VERIFIED)),
        ],
        Refusal::UserNotVerified => vec![Both(|parts| parts.data.flags &= !USER_VERIFIED)],
        Refusal::BackedUpWithoutEligibility => vec![Both(|parts| parts.data.flags |= BACKED_UP)],
        Refusal::NoCredential => vec![Registration(|parts| {
            parts.data.flags &= !ATTESTED;
            parts.data.credential = None;
        })],
        Refusal::UnexpectedCredential => vec![Assertion(|parts| {
            parts.data.flags |= ATTESTED;
            parts.data.credential = Some((b"id".to_vec(), b"\xa0".to_vec()));
        })],
        Refusal::MalformedKey => vec![
            // Nothing, no algorithm, no number as the algorithm.
            Registration(|parts| cose(parts, b"\xa0")),
            Registration(|parts| cose(parts, b"\xa1\x01\x02")),
            Registration(|parts| cose(parts, b"\xa2\x01\x02\x03\x41\x26")),
            // Optional parameters: a key id, operations, a text label.
            Registration(|parts| cose(parts, b"\xa3\x01\x02\x02\x41a\x03\x26")),
            Registration(|parts| cose(parts, b"\xa3\x01\x02\x03\x26\x04\x81\x02")),
            Registration(|parts| cose(parts, b"\xa3\x01\x02\x03\x26\x61a\x00")),
            // A private key, and a compressed point.
            Registration(|parts| cose(parts, b"\xa4\x01\x02\x03\x26\x20\x01\x23\x41a")),
            Registration(|parts| cose(parts, b"\xa4\x01\x02\x03\x26\x20\x01\x22\xf5")),
        ],
        Refusal::AlgorithmNotOffered => vec![
            // ES384, PS256, RS1, ES256K, ESP256 and Ed25519 with their own numbers, and none.
            Registration(|parts| cose(parts, b"\xa2\x01\x02\x03\x38\x22")),
            Registration(|parts| cose(parts, b"\xa2\x01\x03\x03\x38\x24")),
            Registration(|parts| cose(parts, b"\xa2\x01\x03\x03\x39\xff\xfe")),
            Registration(|parts| cose(parts, b"\xa2\x01\x02\x03\x38\x2e")),
            Registration(|parts| cose(parts, b"\xa2\x01\x02\x03\x28")),
            Registration(|parts| cose(parts, b"\xa2\x01\x01\x03\x32")),
            Registration(|parts| cose(parts, b"\xa2\x01\x02\x03\x00")),
        ],
        Refusal::WrongKeyType => vec![
            // The type of another algorithm, another curve, and parameters that are missing or too many.
            Registration(|parts| change_key(parts, 2, 1)),
            Registration(|parts| change_key(parts, 2, 3)),
            Registration(|parts| change_key(parts, 4, 0x27)),
            Registration(|parts| change_key(parts, 6, 2)),
            Registration(|parts| change_key(parts, 6, 6)),
            Registration(|parts| cose(parts, b"\xa2\x01\x02\x03\x26")),
            Registration(|parts| cose(parts, b"\xa3\x01\x02\x03\x26\x20\x01")),
            Registration(|parts| cose(parts, b"\xa1\x03\x26")),
            Registration(|parts| {
                cose(
                    parts,
                    &[b"\xa4\x01\x01\x03\x27\x20\x04\x21", &bytes(&[1; 32])[..]].concat(),
                );
            }),
            Registration(|parts| cose(parts, b"\xa5\x01\x01\x03\x27\x20\x06\x21\x41a\x22\x41a")),
            Registration(|parts| cose(parts, b"\xa5\x01\x03\x03\x39\x01\x00\x20\x41a\x21\x41a\x22\x41a")),
        ],
        Refusal::InvalidKey => vec![
            Registration(|parts| cose(parts, &p256(&[1; 32], &[1; 32]))),
            Registration(|parts| cose(parts, &p256(&[0; 32], &[0; 32]))),
            Registration(|parts| cose(parts, &p256(&[1; 31], &[1; 33]))),
            Registration(|parts| cose(parts, &ed25519(&[1; 31]))),
            Registration(|parts| cose(parts, &ed25519(&[]))),
            // 2040 bits, 4104 bits, an even modulus, a leading zero byte, and the exponents 3, 65536 and none.
            Registration(|parts| cose(parts, &rsa(&[0xff; 255], &[1, 0, 1]))),
            Registration(|parts| cose(parts, &rsa(&[0xff; 513], &[1, 0, 1]))),
            Registration(|parts| cose(parts, &rsa(&[0xfe; 256], &[1, 0, 1]))),
            Registration(|parts| cose(parts, &rsa(&[&[0], &[0xff; 256][..]].concat(), &[1, 0, 1]))),
            Registration(|parts| cose(parts, &rsa(&[0xff; 256], &[3]))),
            Registration(|parts| cose(parts, &rsa(&[0xff; 256], &[1, 0, 0]))),
            Registration(|parts| cose(parts, &rsa(&[0xff; 256], &[]))),
        ],
        Refusal::OtherPublicKey => vec![
            Registration(|parts| member(parts, "publicKey", b"")),
            Registration(|parts| {
                let other = stored(&Device::new(Algorithm::Es256));
                member(parts, "publicKey", other.key.spki());
            }),
            Registration(|parts| _ = parts.members.insert("publicKeyAlgorithm".to_owned(), json!(-8))),
            Registration(|parts| _ = parts.members.insert("publicKeyAlgorithm".to_owned(), json!(0))),
        ],
        Refusal::StatementInNone => vec![
            Registration(|parts| parts.statement = b"\xa1\x63alg\x26".to_vec()),
            Registration(|parts| parts.statement = b"\xa1\x63sig\x41a".to_vec()),
        ],
        Refusal::OtherId => vec![
            Registration(|parts| parts.id = b"another".to_vec()),
            Registration(|parts| parts.id.push(0)),
            Registration(|parts| parts.data.credential.as_mut().unwrap().0 = Vec::new()),
            Registration(|parts| parts.data.credential.as_mut().unwrap().0 = vec![1; 1024]),
        ],
        Refusal::UnknownCredential => vec![Unknown],
        Refusal::OtherCredential => vec![
            Assertion(|parts| parts.id = b"another".to_vec()),
            Assertion(|parts| parts.id.push(0)),
            Stored(|stored| stored.id = CredentialId::new(vec![1]).unwrap()),
        ],
        Refusal::OtherUser => vec![
            Assertion(|parts| parts.handle = Some(b"user-2".to_vec())),
            Stored(|stored| stored.user_handle = UserHandle::new(b"user-2".to_vec()).unwrap()),
        ],
        Refusal::StoredForOtherRpId => vec![Stored(|stored| stored.rp_id = RpId::parse("example.org").unwrap())],
        Refusal::EligibilityChanged => vec![
            Assertion(|parts| parts.data.flags |= BACKUP_ELIGIBLE),
            Assertion(|parts| parts.data.flags |= BACKUP_ELIGIBLE | BACKED_UP),
            Stored(|stored| stored.backup_eligible = true),
        ],
        Refusal::BadSignature => vec![
            Assertion(|parts| parts.damage = 1),
            Stored(|stored| stored.key = crate::harness::stored(&Device::new(Algorithm::Es256)).key),
            Stored(|stored| stored.key = crate::harness::stored(&Device::new(Algorithm::EdDsa)).key),
            Stored(|stored| stored.key = crate::harness::stored(&Device::new(Algorithm::Rs256)).key),
        ],
    }
}

fn set(parts: &mut Parts<'_>, name: &str, value: Value) {
    parts.client_data.insert(name.to_owned(), value);
}

fn challenge_of(parts: &Parts<'_>) -> String {
    parts.client_data["challenge"].as_str().unwrap().to_owned()
}

fn extensions(parts: &mut Parts<'_>, outputs: &[u8]) {
    parts.data.flags |= EXTENSIONS;
    parts.data.rest = outputs.to_vec();
}

/// Replaces the public key.
fn cose(parts: &mut Register, key: &[u8]) {
    parts.data.credential.as_mut().unwrap().1 = key.to_vec();
}

/// Replaces one byte of the public key.
fn change_key(parts: &mut Register, position: usize, byte: u8) {
    parts.data.credential.as_mut().unwrap().1[position] = byte;
}

pub(crate) fn member(parts: &mut Register, name: &str, bytes: &[u8]) {
    parts.members.insert(name.to_owned(), json!(base64url(bytes)));
}
