//! A client and an authenticator whose responses consist of parts that a test can change. The signature is made last, so
//! that a changed part is signed too.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use claims::{Algorithm as TokenAlgorithm, Timestamp};
use rand::{SeedableRng as _, rngs::StdRng};
use ring::{
    digest,
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use serde_json::{Map, Value, json};
use webauthn::{Algorithm, Purpose};

use crate::harness::{HANDLE, ORIGIN, RP_ID, base64url, challenge};

pub(crate) const USER_PRESENT: u8 = 1;
pub(crate) const USER_VERIFIED: u8 = 1 << 2;
pub(crate) const BACKUP_ELIGIBLE: u8 = 1 << 3;
pub(crate) const BACKED_UP: u8 = 1 << 4;
pub(crate) const ATTESTED: u8 = 1 << 6;
pub(crate) const EXTENSIONS: u8 = 1 << 7;

/// An authenticator with one credential.
pub(crate) struct Device {
    pub(crate) id: Vec<u8>,
    signer: Signer,
}

enum Signer {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// The parts of the response to creation options.
#[derive(Clone)]
pub(crate) struct Register {
    pub(crate) client_data: Map<String, Value>,
    pub(crate) data: Data,
    pub(crate) format: Vec<u8>,
    pub(crate) statement: Vec<u8>,
    /// The id that the client sends.
    pub(crate) id: Vec<u8>,
    /// Members of `response` that are added or replaced.
    pub(crate) members: Map<String, Value>,
}

/// The parts of the response to request options.
#[derive(Clone)]
pub(crate) struct Assert {
    pub(crate) client_data: Map<String, Value>,
    pub(crate) data: Data,
    pub(crate) id: Vec<u8>,
    pub(crate) handle: Option<Vec<u8>>,
    /// What is changed in the signature.
    pub(crate) damage: u8,
}

/// The parts of authenticator data.
#[derive(Clone)]
pub(crate) struct Data {
    pub(crate) rp_id: String,
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    /// The id and the COSE key.
    pub(crate) credential: Option<(Vec<u8>, Vec<u8>)>,
    /// The outputs of extensions, and anything else that follows.
    pub(crate) rest: Vec<u8>,
}

impl Device {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let rng = SystemRandom::new();
        let signer = match algorithm {
            Algorithm::EdDsa => {
                let pkcs8 = Ed25519KeyPair::generate_pkcs8(&rng).unwrap();
                Signer::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
            }
            Algorithm::Es256 => {
                let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).unwrap();
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &rng);
                Signer::P256(pair.unwrap())
            }
            Algorithm::Rs256 => Signer::Rsa(RsaKeyPair::from_pkcs8(&RSA).unwrap()),
        };
        let id = format!("a credential for {algorithm:?}").into_bytes();
        Self { id, signer }
    }

    /// Returns a correct registration.
    pub(crate) fn register(&self) -> Register {
        Register {
            client_data: client_data("webauthn.create", &challenge(Purpose::Register)),
            data: Data {
                credential: Some((self.id.clone(), self.cose_key())),
                ..Data::new(ATTESTED)
            },
            format: b"none".to_vec(),
            statement: vec![0xa0],
            id: self.id.clone(),
            members: Map::new(),
        }
    }

    /// Returns a correct assertion for a login.
    pub(crate) fn assert(&self) -> Assert {
        Assert {
            client_data: client_data("webauthn.get", &challenge(Purpose::Login)),
            data: Data::new(0),
            id: self.id.clone(),
            handle: Some(HANDLE.to_vec()),
            damage: 0,
        }
    }

    pub(crate) fn cose_key(&self) -> Vec<u8> {
        match &self.signer {
            Signer::Ed25519(pair) => ed25519(pair.public_key().as_ref()),
            Signer::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                p256(x, y)
            }
            Signer::Rsa(pair) => {
                let PublicKeyComponents::<Vec<u8>> { n, e } = pair.public().into();
                rsa(&n, &e)
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.signer {
            Signer::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Signer::P256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Signer::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }
}

impl Register {
    pub(crate) fn to_json(&self) -> Value {
        let data = self.data.to_bytes();
        let mut response = json!({
            "clientDataJSON": base64url(&json_bytes(&self.client_data)),
            "attestationObject": base64url(&self.attestation(&data)),
            "transports": ["internal", "hybrid"],
        });
        response.as_object_mut().unwrap().extend(self.members.clone());
        credential(&self.id, &response)
    }

    /// Returns the attestation object.
    fn attestation(&self, data: &[u8]) -> Vec<u8> {
        [
            &[0xa3][..],
            &text("fmt"),
            &head(3, self.format.len()),
            &self.format[..],
            &text("attStmt"),
            &self.statement,
            &text("authData"),
            &bytes(data),
        ]
        .concat()
    }
}

impl Assert {
    pub(crate) fn to_json(&self, device: &Device) -> Value {
        let client_data = json_bytes(&self.client_data);
        let data = self.data.to_bytes();
        let hash = digest::digest(&digest::SHA256, &client_data);
        let mut signature = device.sign(&[&data, hash.as_ref()].concat());
        *signature.last_mut().unwrap() ^= self.damage;
        let response = json!({
            "clientDataJSON": base64url(&client_data),
            "authenticatorData": base64url(&data),
            "signature": base64url(&signature),
            "userHandle": self.handle.as_deref().map(base64url),
        });
        credential(&self.id, &response)
    }
}

impl Data {
    fn new(more_flags: u8) -> Self {
        Self {
            rp_id: RP_ID.to_owned(),
            flags: USER_PRESENT | USER_VERIFIED | more_flags,
            counter: 0,
            credential: None,
            rest: Vec::new(),
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let hash = digest::digest(&digest::SHA256, self.rp_id.as_bytes());
        let mut data = [hash.as_ref(), &[self.flags], &self.counter.to_be_bytes()].concat();
        if let Some((id, key)) = &self.credential {
            let length = u16::try_from(id.len()).unwrap().to_be_bytes();
            data.extend([&[9; 16], &length[..], id, key].concat());
        }
        data.extend(&self.rest);
        data
    }
}

fn client_data(ceremony: &str, challenge: &str) -> Map<String, Value> {
    let data = json!({ "type": ceremony, "challenge": challenge, "origin": ORIGIN, "crossOrigin": false });
    data.as_object().unwrap().clone()
}

/// Returns the JSON of a credential, as browsers write it.
pub(crate) fn credential(id: &[u8], response: &Value) -> Value {
    json!({
        "id": base64url(id),
        "rawId": base64url(id),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": response,
    })
}

fn json_bytes(object: &Map<String, Value>) -> Vec<u8> {
    serde_json::to_vec(object).unwrap()
}

pub(crate) fn ed25519(x: &[u8]) -> Vec<u8> {
    [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21], &bytes(x)[..]].concat()
}

pub(crate) fn p256(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21], &bytes(x)[..], &[0x22], &bytes(y)].concat()
}

pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    [
        &[0xa4, 1, 3, 3, 0x39, 1, 0, 0x20],
        &bytes(modulus)[..],
        &[0x21],
        &bytes(exponent),
    ]
    .concat()
}

/// Returns a byte string in CBOR.
pub(crate) fn bytes(content: &[u8]) -> Vec<u8> {
    [&head(2, content.len()), content].concat()
}

/// Returns a text string in CBOR.
pub(crate) fn text(content: &str) -> Vec<u8> {
    [&head(3, content.len()), content.as_bytes()].concat()
}

fn head(major: u8, length: usize) -> Vec<u8> {
    let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
    match (high, low) {
        (0, 0..=23) => vec![major << 5 | low],
        (0, _) => vec![major << 5 | 0x18, low],
        _ => vec![major << 5 | 0x19, high, low],
    }
}

/// An RSA key of 2048 bits. It is made once, because that is slow.
static RSA: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let json = keygen::access_key_set(TokenAlgorithm::RS256, Timestamp::new(0), &mut StdRng::seed_from_u64(1));
    let set: Value = serde_json::from_str(&json.unwrap()).unwrap();
    STANDARD.decode(set["keys"][0]["pkcs8"].as_str().unwrap()).unwrap()
});
