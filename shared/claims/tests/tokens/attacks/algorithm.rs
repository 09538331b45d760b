//! Attacks with the `alg` header. The key determines the algorithm, and the header must name that algorithm.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use claims::{Access, Algorithm, Refusal};
use ring::hmac::{self, HMAC_SHA256};
use serde_json::json;

use super::hex;
use crate::harness::{ALGORITHMS, Service, access, parts, published};

#[test]
fn alg_none_in_any_spelling() {
    let spellings = [
        "none",
        "None",
        "NONE",
        "nOnE",
        "nonE",
        "none ",
        " none",
        "none\0",
        "\u{ff4e}one",
        "null",
        "",
        "HS256 ",
        "RS256\n",
    ];
    for service in ALGORITHMS.map(access) {
        for alg in spellings {
            let signed = service.with_header("alg", json!(alg));
            let [header, claims, signature] = parts(&signed);
            for signature in ["", signature, "AA"] {
                let refusal = service.refusal(&format!("{header}.{claims}.{signature}"));

                assert_eq!(refusal, Refusal::WrongAlgorithm, "{alg:?}");
            }
            assert_eq!(
                service.refusal(&format!("{header}.{claims}")),
                Refusal::NotCompact,
                "{alg:?}"
            );
        }
    }
}

#[test]
fn alg_of_another_type_or_left_out() {
    for service in ALGORITHMS.map(access) {
        for alg in [
            json!(null),
            json!(0),
            json!(["RS256"]),
            json!({"alg": "RS256"}),
            json!(true),
        ] {
            assert_eq!(
                service.refusal(&service.with_header("alg", alg)),
                Refusal::WrongAlgorithm
            );
        }
        let without = service.sealed(|header, _| {
            header.remove("alg");
        });
        assert_eq!(service.refusal(&without), Refusal::WrongAlgorithm);
    }
}

#[test]
fn alg_of_the_same_family() {
    for alg in [
        "HS384", "HS512", "RS384", "RS512", "PS256", "ES384", "ES256K", "Ed25519", "RSA1_5", "dir",
    ] {
        for service in ALGORITHMS.map(access) {
            assert_eq!(
                service.refusal(&service.with_header("alg", json!(alg))),
                Refusal::WrongAlgorithm
            );
        }
    }
}

/// The attacker signs with HMAC. The secret is the service's public key in one of its usual encodings.
#[test]
fn public_key_as_hmac_secret() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let service = access(algorithm);
        let genuine = service.with_header("alg", json!("HS256"));
        let [header, claims, _] = parts(&genuine);
        let input = format!("{header}.{claims}");
        for secret in public_forms(service) {
            let key = hmac::Key::new(HMAC_SHA256, &secret);
            let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, input.as_bytes()));

            let refusal = service.refusal(&format!("{input}.{signature}"));

            assert_eq!(
                refusal,
                Refusal::WrongAlgorithm,
                "{:?}",
                String::from_utf8_lossy(&secret)
            );
        }
    }
}

/// The attacker signs with the key of another service. The header has the `kid` of the attacked service and the
/// algorithm of either service.
#[test]
fn key_of_another_algorithm() {
    for ours in ALGORITHMS.map(access) {
        for other in ALGORITHMS.map(access) {
            if ours.algorithm == other.algorithm {
                continue;
            }
            let theirs = other.with_header("kid", json!(ours.kid));
            let disguised = other.sealed(|header, _| {
                header.insert("kid".to_owned(), json!(ours.kid));
                header.insert("alg".to_owned(), json!(format!("{:?}", ours.algorithm)));
            });

            assert_eq!(ours.refusal(&theirs), Refusal::WrongAlgorithm);
            assert_eq!(ours.refusal(&disguised), Refusal::BadSignature);
        }
    }
}

/// Returns the public key in its usual encodings.
fn public_forms(service: &Service<Access>) -> Vec<Vec<u8>> {
    let jwk = published(service);
    let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap_or_default()).unwrap();
    let (raw, prefix) = if service.algorithm == Algorithm::RS256 {
        let pkcs1 = [&hex("3082010a0282010100"), &member("n"), &hex("0203010001")]
            .map(Vec::as_slice)
            .concat();
        (pkcs1, "30820122300d06092a864886f70d01010105000382010f00")
    } else if service.algorithm == Algorithm::ES256 {
        let point = [&[4], member("x").as_slice(), &member("y")].concat();
        (point, "3059301306072a8648ce3d020106082a8648ce3d030107034200")
    } else {
        (member("x"), "302a300506032b6570032100")
    };
    let spki = [hex(prefix), raw.clone()].concat();
    let pem = |label: &str, der: &[u8]| {
        let lines: Vec<_> = STANDARD
            .encode(der)
            .into_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    let pems = [pem("PUBLIC KEY", &spki), pem("RSA PUBLIC KEY", &raw)];
    let mut strings: Vec<String> = pems
        .iter()
        .flat_map(|pem| {
            [
                pem.clone(),
                pem.trim_end().to_owned(),
                pem.replace('\n', "\r\n"),
                pem.replace('\n', ""),
            ]
        })
        .collect();
    strings.extend([&spki, &raw].map(|der| STANDARD.encode(der)));
    strings.extend(
        ["n", "e", "x", "y"]
            .iter()
            .filter_map(|name| jwk[name].as_str().map(str::to_owned)),
    );
    strings.extend([
        jwk.to_string(),
        serde_json::to_string(&service.keys.jwks()).unwrap(),
        service.kid.to_string(),
    ]);
    let mut forms: Vec<Vec<u8>> = strings.into_iter().map(String::into_bytes).collect();
    forms.extend([spki, raw, member("n"), member("x"), Vec::new()]);
    forms
}
