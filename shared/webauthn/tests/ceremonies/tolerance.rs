//! What is accepted although a simple client would not send it.

use rstest::rstest;
use serde_json::{Value, json};
use webauthn::{Algorithm, AuthenticationResponse, Purpose, RegistrationResponse, Transport};

use crate::{
    authenticator::{BACKED_UP, BACKUP_ELIGIBLE, Device, EXTENSIONS},
    harness::{NOW, assert, base64url, handle, key, register, relying_party, stored, terms},
};

#[test]
fn a_registration_is_returned_as_it_was_made() {
    let device = Device::new(Algorithm::Es256);
    let mut parts = device.register();
    parts.data.counter = 5;
    parts.data.flags |= BACKUP_ELIGIBLE | BACKED_UP;

    let found = register(&parts).unwrap();

    assert_eq!(found.id.as_bytes(), device.id);
    assert_eq!(found.key.algorithm(), Algorithm::Es256);
    assert_eq!((found.counter, found.backup_eligible, found.backed_up), (5, true, true));
    assert_eq!(
        (found.aaguid, found.transports),
        ([9; 16], vec![Transport::Hybrid, Transport::Internal])
    );
    assert_eq!(found.challenge.random(), [7; 16]);
}

#[test]
fn an_assertion_is_returned_as_it_was_made() {
    let device = Device::new(Algorithm::Es256);
    let mut stored = stored(&device);
    stored.backup_eligible = true;
    for backed_up in [BACKED_UP, 0] {
        let mut parts = device.assert();
        parts.data.flags |= BACKUP_ELIGIBLE | backed_up;

        let found = assert(&device, &parts, Some(&stored)).unwrap();

        assert_eq!((found.id, found.user_handle), (stored.id.clone(), handle()));
        assert_eq!((found.backup_eligible, found.backed_up), (true, backed_up != 0));
        assert_eq!(found.challenge.random(), [7; 16]);
    }
}

#[rstest]
#[case(Algorithm::EdDsa)]
#[case(Algorithm::Es256)]
#[case(Algorithm::Rs256)]
fn members_that_repeat_the_attestation_object_may_be_there(#[case] algorithm: Algorithm) {
    let device = Device::new(algorithm);
    let mut parts = device.register();
    let registered = register(&parts).unwrap();
    parts.members.extend([
        ("publicKey".to_owned(), json!(base64url(registered.key.spki()))),
        ("publicKeyAlgorithm".to_owned(), json!(algorithm.cose())),
        ("authenticatorData".to_owned(), json!(base64url(&parts.data.to_bytes()))),
    ]);

    assert_eq!(register(&parts), Ok(registered.clone()));

    parts.members.values_mut().for_each(|value| *value = Value::Null);
    assert_eq!(register(&parts), Ok(registered));
}

/// A client must pass a self attestation on, and some apps send others although none was asked for.
#[test]
fn the_statement_of_another_format_is_ignored() {
    let device = Device::new(Algorithm::Es256);
    let mut parts = device.register();
    let expected = register(&parts);

    for format in ["packed", "apple", "android-safetynet", "a-format-that-is-made-up"] {
        parts.format = format.as_bytes().to_vec();
        parts.statement = b"\xa2\x63alg\x26\x63sig\x44abcd".to_vec();
        assert_eq!(register(&parts), expected, "{format}");
    }
}

#[test]
fn outputs_of_extensions_and_reserved_flags_are_ignored() {
    let device = Device::new(Algorithm::Es256);
    let (mut registration, mut assertion) = (device.register(), device.assert());
    for data in [&mut registration.data, &mut assertion.data] {
        data.flags |= EXTENSIONS | 1 << 1 | 1 << 5;
        data.rest = b"\xa2\x6bcredProtect\x03\x6bhmac-secret\xf5".to_vec();
    }

    assert!(register(&registration).is_ok());
    assert!(assert(&device, &assertion, Some(&stored(&device))).is_ok());
}

#[test]
fn further_members_and_absent_ones_are_accepted() {
    let device = Device::new(Algorithm::Es256);
    let mut parts = device.register();
    parts.client_data.remove("crossOrigin");
    parts
        .client_data
        .insert("androidPackageName".to_owned(), json!("com.example.app"));
    parts
        .members
        .insert("transports".to_owned(), json!(["usb", "future", "usb"]));
    parts.members.insert("future".to_owned(), json!({ "a": [1] }));

    assert_eq!(register(&parts).unwrap().transports, [Transport::Usb]);

    parts.members.insert("transports".to_owned(), Value::Null);
    assert_eq!(register(&parts).unwrap().transports, []);
}

#[test]
fn every_accepted_origin_is_accepted() {
    let device = Device::new(Algorithm::Es256);
    let mut parts = device.register();
    parts.client_data["origin"] = json!("http://localhost:5173");

    assert!(register(&parts).is_ok());
}

#[test]
fn the_user_handle_may_be_missing_if_the_user_is_known() {
    let device = Device::new(Algorithm::Es256);
    let (key, stored) = (key(), stored(&device));
    for purpose in [Purpose::SecondStep, Purpose::Confirm] {
        let terms = terms(&key, purpose);
        let mut parts = device.assert();
        parts.client_data["challenge"] = json!(terms.issue(NOW, [7; 16]).to_base64url());
        parts.handle = None;

        let response = AuthenticationResponse::from_json(parts.to_json(&device).to_string().as_bytes()).unwrap();
        let found = relying_party()
            .verify_assertion(&response, NOW, &terms, Some(&stored))
            .unwrap();

        assert_eq!(found.user_handle, handle());
    }
}

#[test]
fn an_id_may_have_1023_bytes() {
    let mut device = Device::new(Algorithm::Es256);
    device.id = vec![1; 1023];

    assert!(assert(&device, &device.assert(), Some(&stored(&device))).is_ok());
}

#[test]
fn responses_can_be_members_of_a_body() {
    let device = Device::new(Algorithm::Es256);
    let (registration, assertion) = (device.register().to_json(), device.assert().to_json(&device));

    let read: RegistrationResponse = serde_json::from_value(registration.clone()).unwrap();
    assert_eq!(
        Ok(read),
        RegistrationResponse::from_json(registration.to_string().as_bytes())
    );
    let read: AuthenticationResponse = serde_json::from_value(assertion.clone()).unwrap();
    assert_eq!(
        Ok(read),
        AuthenticationResponse::from_json(assertion.to_string().as_bytes())
    );
}
