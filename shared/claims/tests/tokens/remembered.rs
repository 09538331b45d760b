//! A verifier remembers the header of a good token. It must not let anything pass that it would refuse otherwise.

use claims::{Algorithm, Device, DeviceClaims, Draft, Jwks, KeySet, Refresh, Refusal, Timestamp, Unverified, Verifier};
use serde_json::{Value, json};

use crate::harness::{
    ALGORITHMS, LIFE, NOW, SECRET, Service, access, audience, issuer, parts, published, refresh_draft, verify,
};

#[test]
fn a_header_that_differs_from_the_remembered_one_is_checked() {
    for service in ALGORITHMS.map(access) {
        assert!(service.verify(&service.token()).is_ok());

        for (name, value, expected) in [
            ("typ", json!("rt+jwt"), Refusal::WrongType),
            ("kid", json!("other"), Refusal::UnknownKey("other".parse().unwrap())),
            ("alg", json!("none"), Refusal::WrongAlgorithm),
            ("crit", json!([]), Refusal::ForbiddenHeader),
            ("cty", json!(1), Refusal::MalformedHeader),
        ] {
            assert_eq!(service.refusal(&service.with_header(name, value)), expected);
        }
        let token = service.token();
        for changed in [
            format!(".{}", &token[1..]),
            token[1..].to_owned(),
            format!("e{token}"),
            format!("e30{token}"),
        ] {
            assert!(service.verify(&changed).is_err(), "{changed}");
        }
    }
}

#[test]
fn a_remembered_header_vouches_for_no_other_claims_and_no_other_signature() {
    for service in ALGORITHMS.map(access) {
        let token = service.token();
        assert!(service.verify(&token).is_ok());
        let [header, claims, signature] = parts(&token);
        let other = service.with_claim("x", Some(json!(1)));
        let [_, other_claims, other_signature] = parts(&other);

        for forged in [
            format!("{header}.{other_claims}.{signature}"),
            format!("{header}.{claims}.{other_signature}"),
            format!("{header}.{claims}."),
        ] {
            assert_eq!(service.refusal(&forged), Refusal::BadSignature, "{forged}");
        }
        assert_eq!(
            service.refusal(&service.with_claim("exp", Some(json!(1)))),
            Refusal::Expired
        );
    }
}

/// The tokens have the same key and the same `kid`, but another `typ`.
#[test]
fn a_header_is_remembered_for_one_kind_of_token() {
    let json = format!(r#"{{"keys":[{{"kid":"one","alg":"HS256","activates_at":0,"k":"{SECRET}"}}]}}"#);
    let keys = KeySet::<Refresh>::from_json(&json).unwrap();
    let refresh_verifier = Verifier::refresh(issuer(), keys.verifying_keys());
    let device_verifier = Verifier::device(issuer(), keys.verifying_keys());
    let refresh_token = keys.sign(&refresh_draft()).unwrap();
    let device_token = keys.sign::<Device>(&device_draft()).unwrap();

    assert!(verify(&refresh_verifier, refresh_token.expose(), NOW).is_ok());
    assert!(
        device_verifier
            .verify(&Unverified::parse(device_token.expose()).unwrap(), NOW)
            .is_ok()
    );

    let refusal = verify(&refresh_verifier, device_token.expose(), NOW).unwrap_err();
    assert_eq!(refusal, Refusal::WrongType);
    let refusal = verify(&device_verifier, refresh_token.expose(), NOW).unwrap_err();
    assert_eq!(refusal, Refusal::WrongType);
}

#[test]
fn a_remembered_header_does_not_outlive_its_key() {
    let service = access(Algorithm::ES256);
    let mut retiring = published(service);
    retiring["exp"] = json!(NOW.get());
    let verifier = verifier(&[retiring]);
    let before = Timestamp::new(NOW.get() - 1);
    assert!(verify(&verifier, &service.token(), before).is_ok());

    let refusal = verify(&verifier, &service.token(), NOW).unwrap_err();

    assert_eq!(refusal, Refusal::UnknownKey(service.kid.clone()));
}

/// After a change of keys, another key has the `kid` of the remembered header.
#[test]
fn a_remembered_header_does_not_outlive_its_key_set() {
    for service in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA].map(access) {
        let token = service.token();
        assert!(verify(&verifier(&[published(service)]), &token, NOW).is_ok());

        for other in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA].map(access) {
            let mut renamed = published(other);
            renamed["kid"] = json!(service.kid);
            let expected = (other.algorithm != service.algorithm).then_some(Refusal::WrongAlgorithm);

            assert_eq!(verify(&verifier(&[renamed]), &token, NOW).err(), expected);
        }
        let none = verify(&verifier(&[]), &token, NOW).unwrap_err();
        assert_eq!(none, Refusal::UnknownKey(service.kid.clone()));
    }
}

/// The keys have different algorithms. The tokens take turns, so that each key has its own remembered header.
#[test]
fn every_key_remembers_its_own_header() {
    let services = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA].map(access);
    let verifier = verifier(&services.map(published));
    let tokens = services.map(Service::token);
    let in_turn = || tokens.iter().chain(&tokens);
    assert!(in_turn().all(|token| verify(&verifier, token, NOW).is_ok()));

    for one in &tokens {
        for other in &tokens {
            let [header, ..] = parts(one);
            let [_, claims, signature] = parts(other);
            let refusal = verify(&verifier, &format!("{header}.{claims}.{signature}"), NOW).err();

            assert_eq!(refusal, (one != other).then_some(Refusal::BadSignature));
        }
    }
}

fn verifier(keys: &[Value]) -> Verifier<claims::Access> {
    let jwks = Jwks::from_json(&json!({ "keys": keys }).to_string()).unwrap();
    Verifier::access(issuer(), audience(), jwks.verifying_keys().unwrap())
}

fn device_draft() -> Draft<Device> {
    Draft {
        iss: issuer(),
        aud: issuer().as_device_audience(),
        sub: "user-1".parse().unwrap(),
        jti: "token-1".parse().unwrap(),
        iat: NOW,
        exp: NOW.plus(LIFE),
        own: DeviceClaims {
            device: "device-1".parse().unwrap(),
            password_changed_at: NOW,
            second_at: None,
            second_epoch: None,
        },
    }
}
