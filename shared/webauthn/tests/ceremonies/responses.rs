//! JSON that is not a response of a client.

use serde_json::{Value, json};
use webauthn::{Algorithm, AuthenticationResponse, InvalidResponse, RegistrationResponse};

use crate::{authenticator::Device, harness::base64url};

/// Returns the changes that make a registration or an assertion unreadable. A new error needs a case here.
fn changes(error: InvalidResponse) -> Vec<(&'static str, Value)> {
    let long = |length| json!(base64url(&vec![0; length]));
    match error {
        InvalidResponse::NotJson => vec![
            ("/id", Value::Null),
            ("/rawId", json!(1)),
            ("/type", Value::Null),
            ("/response", Value::Null),
            ("/response", json!(["e30", "AA", "AA", "AA"])),
            ("/response/clientDataJSON", Value::Null),
            ("/response/clientDataJSON", json!([1, 2])),
        ],
        InvalidResponse::OtherType => vec![("/type", json!("password")), ("/type", json!("Public-Key"))],
        InvalidResponse::NotBase64(name) => ["e3 0", "e30=", "e3+/", "e31", "é"]
            .map(|text| (pointer(name), json!(text)))
            .to_vec(),
        InvalidResponse::TooLong(name) => vec![(pointer(name), long(20_000))],
        InvalidResponse::InvalidId => vec![("/rawId", json!(""))],
        InvalidResponse::IdsDiffer => vec![("/id", json!("AA")), ("/rawId", json!("AA"))],
        InvalidResponse::InvalidUserHandle => vec![("/response/userHandle", json!(""))],
    }
}

fn pointer(name: &str) -> &'static str {
    match name {
        "rawId" => "/rawId",
        "response.clientDataJSON" => "/response/clientDataJSON",
        "response.attestationObject" => "/response/attestationObject",
        "response.authenticatorData" => "/response/authenticatorData",
        "response.publicKey" => "/response/publicKey",
        "response.signature" => "/response/signature",
        "response.userHandle" => "/response/userHandle",
        _ => panic!("{name}"),
    }
}

const SHARED: [InvalidResponse; 4] = [
    InvalidResponse::NotJson,
    InvalidResponse::OtherType,
    InvalidResponse::InvalidId,
    InvalidResponse::IdsDiffer,
];

#[test]
fn a_registration_that_no_client_sends_is_invalid() {
    let members = [
        "rawId",
        "response.clientDataJSON",
        "response.attestationObject",
        "response.authenticatorData",
        "response.publicKey",
    ];
    let encodings = members
        .into_iter()
        .flat_map(|name| [InvalidResponse::NotBase64(name), InvalidResponse::TooLong(name)]);
    for error in SHARED.into_iter().chain(encodings) {
        for (place, value) in changes(error) {
            let mut json = Device::new(Algorithm::Es256).register().to_json();
            set(&mut json, place, value.clone());

            let found = RegistrationResponse::from_json(json.to_string().as_bytes());

            assert_eq!(found, Err(error), "{place}: {value}");
            assert!(serde_json::from_value::<RegistrationResponse>(json).is_err());
        }
    }
}

#[test]
fn an_assertion_that_no_client_sends_is_invalid() {
    let device = Device::new(Algorithm::Es256);
    let members = [
        "rawId",
        "response.clientDataJSON",
        "response.authenticatorData",
        "response.signature",
        "response.userHandle",
    ];
    let encodings = members
        .into_iter()
        .flat_map(|name| [InvalidResponse::NotBase64(name), InvalidResponse::TooLong(name)]);
    let errors = SHARED
        .into_iter()
        .chain(encodings)
        .chain([InvalidResponse::InvalidUserHandle]);
    for error in errors {
        for (place, value) in changes(error) {
            let mut json = device.assert().to_json(&device);
            set(&mut json, place, value.clone());

            let found = AuthenticationResponse::from_json(json.to_string().as_bytes());

            assert_eq!(found, Err(error), "{place}: {value}");
            assert!(serde_json::from_value::<AuthenticationResponse>(json).is_err());
        }
    }
}

#[test]
fn the_limits_of_lengths_are_exact() {
    let device = Device::new(Algorithm::Es256);
    for (place, longest) in [
        ("/response/clientDataJSON", 4096),
        ("/response/authenticatorData", 1024),
        ("/response/signature", 512),
        ("/response/userHandle", 64),
    ] {
        let read = |length| {
            let mut json = device.assert().to_json(&device);
            set(&mut json, place, json!(base64url(&vec![1; length])));
            AuthenticationResponse::from_json(json.to_string().as_bytes())
        };
        assert!(read(longest).is_ok(), "{place}");
        assert!(matches!(read(longest + 1), Err(InvalidResponse::TooLong(_))), "{place}");
    }
}

#[test]
fn a_repeated_member_and_anything_but_one_object_is_invalid() {
    let device = Device::new(Algorithm::Es256);
    let json = device.register().to_json().to_string();
    let repeated = [
        json.replacen('{', r#"{"type":"public-key","#, 1),
        json.replacen('{', r#"{"\u0069d":"AA","#, 1),
        json.replacen(r#""response":{"#, r#""response":{"clientDataJSON":"e30","#, 1),
        json.replacen(r#""response":{"#, r#""response":{"attestationObject":"e30","#, 1),
        json.replacen('{', r#"{"response":{},"#, 1),
    ];
    let others = [
        "",
        "null",
        "[]",
        "\"\"",
        "{}",
        &format!("{json}{json}"),
        &json[1..],
        "[\"AA\",\"AA\",\"public-key\",{}]",
    ];

    assert!(RegistrationResponse::from_json(json.as_bytes()).is_ok());
    for text in repeated.iter().map(String::as_str).chain(others) {
        assert_ne!(text, json);
        assert_eq!(
            RegistrationResponse::from_json(text.as_bytes()),
            Err(InvalidResponse::NotJson),
            "{text}"
        );
        assert_eq!(
            AuthenticationResponse::from_json(text.as_bytes()),
            Err(InvalidResponse::NotJson),
            "{text}"
        );
    }
}

/// Replaces a value, or adds it.
fn set(json: &mut Value, place: &str, value: Value) {
    let (parent, name) = place.rsplit_once('/').unwrap();
    json.pointer_mut(parent).unwrap()[name] = value;
}
