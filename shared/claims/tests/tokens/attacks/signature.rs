//! Attacks with an invalid signature: its numbers are out of range, it is in another encoding, it belongs to another
//! token, or it is missing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Algorithm, Refusal};
use serde_json::json;

use super::hex;
use crate::harness::{ALGORITHMS, access, parts, published, rs256};

/// Java once accepted an ECDSA signature of two zeros for every message (CVE-2022-21449). The test also uses the number
/// one, and numbers that are out of range.
#[test]
fn psychic_ecdsa_signatures() {
    let service = access(Algorithm::ES256);
    let token = service.token();
    let genuine = URL_SAFE_NO_PAD.decode(parts(&token)[2]).unwrap();
    let (r, s) = genuine.split_at(32);
    let [zero, mut one] = [[0; 32]; 2];
    one[31] = 1;
    // The order of the curve's group, and the curve's prime.
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let prime = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let numbers: [&[u8]; 5] = [&zero, &one, &order, &prime, &[0xff; 32]];

    for number in numbers {
        let pairs = numbers.map(|other| [number, other]).into_iter();
        for pair in pairs.chain([[number, s], [r, number]]) {
            let forged = resigned(&token, &pair.concat());

            assert_eq!(service.refusal(&forged), Refusal::BadSignature, "{pair:?}");
        }
    }
}

/// Only the encoding of fixed length is accepted (RFC 7518 s3.4). DER is refused: lenient parsers of DER accept several
/// encodings of one signature.
#[test]
fn ecdsa_signatures_of_another_form() {
    let service = access(Algorithm::ES256);
    let token = service.token();
    let genuine = URL_SAFE_NO_PAD.decode(parts(&token)[2]).unwrap();
    let (r, s) = genuine.split_at(32);
    let integer = |number: &[u8]| [&[2, 33, 0], number].concat();
    let der = [&[0x30, 70], integer(r).as_slice(), &integer(s)].concat();
    let padded = [&[0], r, &[0], s].concat();
    let swapped = [s, r].concat();

    for signature in [
        der,
        padded,
        swapped,
        [&genuine[..], &[0]].concat(),
        genuine[..63].to_vec(),
        r.to_vec(),
        Vec::new(),
    ] {
        assert_eq!(
            service.refusal(&resigned(&token, &signature)),
            Refusal::BadSignature,
            "{signature:?}"
        );
    }
}

/// A lenient verifier still accepts an Ed25519 signature after the order of the group is added to its second half.
#[test]
fn malleable_eddsa_signatures() {
    let service = access(Algorithm::EdDSA);
    let token = service.token();
    let mut signature = URL_SAFE_NO_PAD.decode(parts(&token)[2]).unwrap();
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }

    assert_eq!(service.refusal(&resigned(&token, &signature)), Refusal::BadSignature);
    assert_eq!(service.refusal(&resigned(&token, &[0; 64])), Refusal::BadSignature);
}

#[test]
fn rsa_signatures_of_another_length_or_of_trivial_numbers() {
    let service = rs256();
    let token = service.token();
    let genuine = URL_SAFE_NO_PAD.decode(parts(&token)[2]).unwrap();
    let modulus = URL_SAFE_NO_PAD
        .decode(published(service)["n"].as_str().unwrap())
        .unwrap();
    let [zero, mut one] = [[0; 256]; 2];
    one[255] = 1;

    for signature in [
        [&[0], genuine.as_slice()].concat(),
        [genuine.as_slice(), &[0]].concat(),
        genuine[1..].to_vec(),
        zero.to_vec(),
        one.to_vec(),
        modulus,
        vec![0xff; 256],
        vec![1],
    ] {
        assert_eq!(
            service.refusal(&resigned(&token, &signature)),
            Refusal::BadSignature,
            "{signature:?}"
        );
    }
}

#[test]
fn signature_stripping() {
    for service in ALGORITHMS.map(access) {
        let token = service.token();
        let [header, claims, signature] = parts(&token);
        let other = service.with_claim("role", Some(json!("admin")));

        for (forged, expected) in [
            (format!("{header}.{claims}"), Refusal::NotCompact),
            (format!("{header}.{claims}."), Refusal::BadSignature),
            (format!("{header}..{signature}"), Refusal::BadSignature),
            (format!(".{claims}.{signature}"), Refusal::MalformedHeader),
            (format!("{header}.{claims}.AAAA"), Refusal::BadSignature),
            (
                format!("{header}.{}.{signature}", parts(&other)[1]),
                Refusal::BadSignature,
            ),
            (format!("{header}.{claims}.{}", parts(&other)[2]), Refusal::BadSignature),
            (
                format!("{header}.{claims}.{signature}.{signature}"),
                Refusal::NotCompact,
            ),
            (format!("{header}.{claims}.{signature}."), Refusal::NotCompact),
            (format!(".{header}.{claims}.{signature}"), Refusal::NotCompact),
            (format!("{token}{token}"), Refusal::NotCompact),
        ] {
            assert_eq!(service.refusal(&forged), expected, "{forged}");
        }
    }
}

/// Returns the token with another signature.
fn resigned(token: &str, signature: &[u8]) -> String {
    let [header, claims, _] = parts(token);
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature))
}
