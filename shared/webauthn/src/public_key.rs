//! Public keys of credentials, and the signatures that they verify.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};

/// What precedes the coordinates of a point in the SPKI of a P-256 key (RFC 5480 s2), without the mark of uncompressed
/// points, which is part of the key.
const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// The first byte of an uncompressed point (SEC 1 s2.3.3).
const UNCOMPRESSED: u8 = 4;
/// The length of an uncompressed point of P-256.
const P256_POINT: usize = 65;
/// What precedes the key in the SPKI of an Ed25519 key (RFC 8410 s4).
const ED25519_START: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// The algorithm of an RSA key (RFC 8017 A.1).
const RSA: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/// The tags of DER.
const INTEGER: u8 = 2;
const BIT_STRING: u8 = 3;
const SEQUENCE: u8 = 0x30;

/// A signature algorithm for credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `EdDSA` with Ed25519.
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, with keys of 2048 to 4096 bits.
    Rs256,
}

impl Algorithm {
    /// Every algorithm, in the order in which they are offered.
    pub const ALL: &[Self] = &[Self::EdDsa, Self::Es256, Self::Rs256];

    /// Returns the number of the algorithm in COSE (RFC 9053, RFC 8812).
    #[must_use]
    pub const fn cose(self) -> i64 {
        match self {
            Self::EdDsa => -8,
            Self::Es256 => -7,
            Self::Rs256 => -257,
        }
    }

    /// Returns the algorithm with this number in COSE, or `None` if it is not offered.
    #[must_use]
    pub fn from_cose(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.cose() == number)
    }
}

/// The public key of a credential, with its algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: Algorithm,
    spki: Vec<u8>,
}

/// The error for bytes that are not the SPKI of a key of this algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the public key is not the SPKI of a key of its algorithm")]
pub struct InvalidPublicKey;

impl PublicKey {
    /// Reads a key that was registered, from its SPKI in DER (RFC 5280 s4.1).
    ///
    /// # Errors
    /// If the bytes are not the SPKI of a key of this algorithm. A point that is not on its curve is accepted, but no
    /// signature verifies with it.
    pub fn from_spki(algorithm: Algorithm, spki: Vec<u8>) -> Result<Self, InvalidPublicKey> {
        key(algorithm, &spki).ok_or(InvalidPublicKey)?;
        Ok(Self { algorithm, spki })
    }

    /// Makes a P-256 key from its coordinates.
    pub(crate) fn p256(x: &[u8], y: &[u8]) -> Self {
        Self {
            algorithm: Algorithm::Es256,
            spki: [P256, &[UNCOMPRESSED], x, y].concat(),
        }
    }

    /// Makes an Ed25519 key.
    pub(crate) fn ed25519(x: &[u8]) -> Self {
        Self {
            algorithm: Algorithm::EdDsa,
            spki: [ED25519_START, x].concat(),
        }
    }

    /// Makes an RSA key. Returns `None` if a number is too long for DER with lengths of two bytes.
    pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let numbers = [integer(modulus)?, integer(exponent)?].concat();
        let key = [vec![0], element(SEQUENCE, &numbers)?].concat();
        let spki = [RSA.to_vec(), element(BIT_STRING, &key)?].concat();
        Some(Self {
            algorithm: Algorithm::Rs256,
            spki: element(SEQUENCE, &spki)?,
        })
    }

    /// Returns the algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the key as an SPKI in DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Returns whether a signature is valid.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &dyn VerificationAlgorithm = match self.algorithm {
            Algorithm::EdDsa => &ED25519,
            Algorithm::Es256 => &ECDSA_P256_SHA256_ASN1,
            Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        };
        key(self.algorithm, &self.spki).is_some_and(|key| {
            UnparsedPublicKey::new(algorithm, key)
                .verify(message, signature)
                .is_ok()
        })
    }
}

/// Returns the key in an SPKI, in the form that `ring` reads.
fn key(algorithm: Algorithm, spki: &[u8]) -> Option<&[u8]> {
    match algorithm {
        Algorithm::EdDsa => spki
            .strip_prefix(ED25519_START)
            .filter(|key| key.len() == ring::signature::ED25519_PUBLIC_KEY_LEN),
        Algorithm::Es256 => spki
            .strip_prefix(P256)
            .filter(|key| key.len() == P256_POINT && key.first() == Some(&UNCOMPRESSED)),
        Algorithm::Rs256 => {
            let bits = content(BIT_STRING, content(SEQUENCE, spki)?.strip_prefix(RSA)?)?;
            bits.strip_prefix(&[0])
        }
    }
}

/// Returns a non-negative number in DER, from its big-endian bytes without leading zero bytes.
fn integer(number: &[u8]) -> Option<Vec<u8>> {
    let is_negative = number.first().is_some_and(|first| *first >= 0x80);
    let sign: &[u8] = if is_negative { &[0] } else { &[] };
    element(INTEGER, &[sign, number].concat())
}

/// Returns an element of DER with the shortest length (X.690 s10.1).
fn element(tag: u8, content: &[u8]) -> Option<Vec<u8>> {
    let [high, low] = u16::try_from(content.len()).ok()?.to_be_bytes();
    let head = match (high, low) {
        (0, 0..=0x7f) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    Some([&head, content].concat())
}

/// Returns the content of an element of DER that has this tag, a length of two bytes, and nothing after it.
fn content(tag: u8, element: &[u8]) -> Option<&[u8]> {
    let ([first, 0x82, high, low], content) = element.split_first_chunk()? else {
        return None;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    (*first == tag && content.len() == length).then_some(content)
}
