//! A browser with an authenticator that holds one passkey.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom as _, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const CREDENTIAL: u8 = 1 << 6;
/// The start of an attestation object: its format, an empty statement, and the name of the authenticator data, whose
/// length follows in one byte.
const ATTESTATION: &[u8] = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58";
/// The start of a COSE key of Ed25519.
const COSE_KEY: &[u8] = &[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20];

/// The start of the SPKI of a key of Ed25519.
const SPKI: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A browser at one origin, with an authenticator that holds one passkey. It answers any options, as a client of an
/// attacker would.
#[derive(Debug)]
pub struct Authenticator {
    /// The origin of the page.
    pub origin: String,
    key: Ed25519KeyPair,
    id: Vec<u8>,
    /// What identifies the user of the passkey.
    pub user_handle: Vec<u8>,
    /// The counter of the last signature.
    pub counter: u32,
    /// Whether the passkey is copied to other devices.
    pub is_synced: bool,
    /// Whether the authenticator verifies its user.
    pub verifies_user: bool,
}

impl Authenticator {
    /// Returns a browser at this origin, whose authenticator has no passkey yet.
    #[must_use]
    pub fn new(origin: &str) -> Self {
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).unwrap();
        Self::from_seed(origin, &seed)
    }

    /// Returns a browser at this origin, whose authenticator makes the key of this seed. The id of the passkey is made of
    /// it too.
    #[must_use]
    pub fn from_seed(origin: &str, seed: &[u8; 32]) -> Self {
        Self {
            origin: origin.to_owned(),
            key: Ed25519KeyPair::from_seed_unchecked(seed).unwrap(),
            id: digest(&SHA256, seed).as_ref().first_chunk::<16>().unwrap().to_vec(),
            user_handle: Vec::new(),
            counter: 0,
            is_synced: false,
            verifies_user: true,
        }
    }

    /// Returns the public key as SPKI (RFC 8410 s4).
    #[must_use]
    pub fn spki(&self) -> Vec<u8> {
        [SPKI, self.key.public_key().as_ref()].concat()
    }

    /// Returns the id of the passkey in base64url.
    #[must_use]
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.id)
    }

    /// Returns the id of the passkey.
    #[must_use]
    pub fn id_bytes(&self) -> &[u8] {
        &self.id
    }

    /// Returns the SHA-256 of the id of the passkey in base64url.
    #[must_use]
    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &self.id))
    }

    /// Makes the passkey, and returns the `RegistrationResponseJSON`.
    pub fn create(&mut self, options: &Value) -> Value {
        self.user_handle = URL_SAFE_NO_PAD.decode(text(options, "/user/id")).unwrap();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let credential = [
            &[0; 16],
            &length[..],
            &self.id,
            COSE_KEY,
            self.key.public_key().as_ref(),
        ];
        let data = self.data(text(options, "/rp/id"), &credential.concat());
        let object = [ATTESTATION, &[u8::try_from(data.len()).unwrap()], &data].concat();
        let client_data = self.client_data("webauthn.create", options);
        self.credential(&json!({
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
            "attestationObject": URL_SAFE_NO_PAD.encode(object),
            "transports": ["internal"],
        }))
    }

    /// Signs with the passkey, and returns the `AuthenticationResponseJSON`.
    pub fn get(&mut self, options: &Value) -> Value {
        self.counter = self.counter.saturating_add(1);
        let data = self.data(text(options, "/rpId"), &[]);
        let client_data = self.client_data("webauthn.get", options);
        let hash = digest(&SHA256, client_data.as_bytes());
        let signature = self.key.sign(&[&data, hash.as_ref()].concat());
        self.credential(&json!({
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
            "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "signature": URL_SAFE_NO_PAD.encode(signature),
            "userHandle": URL_SAFE_NO_PAD.encode(&self.user_handle),
        }))
    }

    fn credential(&self, response: &Value) -> Value {
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        json!({"type": kind, "challenge": text(options, "/challenge"), "origin": self.origin, "crossOrigin": false})
            .to_string()
    }

    fn data(&self, rp_id: &str, credential: &[u8]) -> Vec<u8> {
        let flags = [
            (USER_PRESENT, true),
            (USER_VERIFIED, self.verifies_user),
            (BACKUP_ELIGIBLE | BACKED_UP, self.is_synced),
            (CREDENTIAL, !credential.is_empty()),
        ];
        let flags = flags.into_iter().filter_map(|(flag, is_set)| is_set.then_some(flag));
        let flags = flags.fold(0, |all, flag| all | flag);
        let hash = digest(&SHA256, rp_id.as_bytes());
        [hash.as_ref(), &[flags], &self.counter.to_be_bytes(), credential].concat()
    }
}

fn text<'a>(options: &'a Value, pointer: &str) -> &'a str {
    options.pointer(pointer).and_then(Value::as_str).unwrap()
}
