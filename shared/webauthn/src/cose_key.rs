//! The public key in authenticator data: a COSE key (RFC 9052 s7), which is turned into an SPKI.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{InvalidKey, VerifyingKey};

use crate::{
    Algorithm, PublicKey, Refusal,
    cbor::{Key, Reader, Scalar},
};

/// The parameters of a COSE key. The last three depend on the type of the key.
#[derive(Default)]
struct CoseKey<'a> {
    key_type: Option<Scalar<'a>>,
    algorithm: Option<Scalar<'a>>,
    first: Option<Scalar<'a>>,
    second: Option<Scalar<'a>>,
    third: Option<Scalar<'a>>,
}

/// Types of keys and curves (RFC 9053 s7, RFC 8230 s4).
const OKP: Scalar<'_> = Scalar::Int(1);
const EC2: Scalar<'_> = Scalar::Int(2);
const RSA: Scalar<'_> = Scalar::Int(3);
const CURVE_P256: Scalar<'_> = Scalar::Int(1);
const CURVE_ED25519: Scalar<'_> = Scalar::Int(6);

/// Reads a public key.
///
/// # Errors
/// - If the bytes are not a map with the parameters of a key and no optional ones (L3 s6.5.1).
/// - If the algorithm is not offered.
/// - If the type or the curve does not belong to the algorithm (L3 s5.8.5).
/// - If the key is weak, or is not a point of its curve.
pub(crate) fn parse(bytes: &[u8]) -> Result<PublicKey, Refusal> {
    let key = CoseKey::read(bytes).ok_or(Refusal::MalformedKey)?;
    let Some(Scalar::Int(number)) = key.algorithm else {
        return Err(Refusal::MalformedKey);
    };
    let algorithm = Algorithm::from_cose(number).ok_or(Refusal::AlgorithmNotOffered)?;
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let weak = |_: InvalidKey| Refusal::InvalidKey;
    match (algorithm, key.key_type, key.first, key.second, key.third) {
        (Algorithm::EdDsa, Some(OKP), Some(CURVE_ED25519), Some(Scalar::Bytes(x)), None) => {
            VerifyingKey::eddsa(&encode(x)).map_err(weak)?;
            Ok(PublicKey::ed25519(x))
        }
        (Algorithm::Es256, Some(EC2), Some(CURVE_P256), Some(Scalar::Bytes(x)), Some(Scalar::Bytes(y))) => {
            VerifyingKey::es256(&encode(x), &encode(y)).map_err(weak)?;
            Ok(PublicKey::p256(x, y))
        }
        (Algorithm::Rs256, Some(RSA), Some(Scalar::Bytes(modulus)), Some(Scalar::Bytes(exponent)), None) => {
            VerifyingKey::rs256(&encode(modulus), &encode(exponent)).map_err(weak)?;
            PublicKey::rsa(modulus, exponent).ok_or(Refusal::InvalidKey)
        }
        (Algorithm::EdDsa | Algorithm::Es256 | Algorithm::Rs256, ..) => Err(Refusal::WrongKeyType),
    }
}

impl<'a> CoseKey<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut key = Self::default();
        let mut reader = Reader::new(bytes);
        reader.map(|name, reader| {
            let parameter = match name {
                Key::Int(1) => &mut key.key_type,
                Key::Int(3) => &mut key.algorithm,
                Key::Int(-1) => &mut key.first,
                Key::Int(-2) => &mut key.second,
                Key::Int(-3) => &mut key.third,
                Key::Int(_) | Key::Text(_) => return None,
            };
            *parameter = Some(reader.scalar()?);
            Some(())
        })?;
        reader.rest().is_empty().then_some(key)
    }
}
