//! Every check, broken alone: all else is right, and what the authenticator signs is signed.

use claims::Span;
use ring::hmac;
use rstest::rstest;
use serde_json::json;
use webauthn::{Algorithm, AuthenticationResponse, ChallengeTerms, LIFETIME, Purpose, Refusal, RegistrationResponse};

use crate::{
    authenticator::Device,
    cases::{Case, Parts, cases, member},
    harness::{BINDING, NOW, assert, challenge, key, register, relying_party, stored, terms},
};

#[test]
fn every_check_refuses_what_it_is_for() {
    let device = Device::new(Algorithm::Es256);
    for refusal in Refusal::ALL.iter().copied() {
        let cases = cases(refusal);
        assert!(!cases.is_empty(), "{refusal:?}");
        for (number, case) in cases.into_iter().enumerate() {
            for found in run(&device, &case) {
                assert_eq!(found, Err(refusal), "{refusal:?}, case {number}");
            }
        }
    }
}

#[rstest]
#[case(Algorithm::EdDsa)]
#[case(Algorithm::Es256)]
#[case(Algorithm::Rs256)]
fn without_a_change_nothing_is_refused(#[case] algorithm: Algorithm) {
    let device = Device::new(algorithm);
    let unchanged = [Case::Both(|_| ()), Case::Stored(|_| ())];

    for found in unchanged.iter().flat_map(|case| run(&device, case)) {
        assert_eq!(found, Ok(()));
    }
}

#[test]
fn refusals_have_distinct_names() {
    let mut names: Vec<&str> = Refusal::ALL.iter().map(|refusal| refusal.reason()).collect();
    names.sort_unstable();
    names.dedup();

    assert_eq!(names.len(), Refusal::ALL.len());
}

#[test]
fn client_data_that_is_not_an_object_is_refused() {
    let correct = serde_json::to_string(&Device::new(Algorithm::Es256).register().client_data).unwrap();
    let repeated = correct.replacen('{', r#"{"origin":"https://login.example.com","#, 1);
    let array = format!(
        r#"["webauthn.create","{}","https://login.example.com",false]"#,
        challenge(Purpose::Register)
    );
    let cases: [&[u8]; 7] = [
        b"",
        b"null",
        array.as_bytes(),
        repeated.as_bytes(),
        &[correct.as_bytes(), b"{}"].concat(),
        &correct.as_bytes()[1..],
        b"{\"type\":\"\xff\"}",
    ];

    for client_data in cases {
        let found = register_with_client_data(client_data);
        assert_eq!(
            found,
            Err(Refusal::MalformedClientData),
            "{}",
            String::from_utf8_lossy(client_data)
        );
    }
    assert_eq!(register_with_client_data(correct.as_bytes()), Ok(()));
    let marked = [b"\xef\xbb\xbf", correct.as_bytes()].concat();
    assert_eq!(register_with_client_data(&marked), Ok(()));
}

#[test]
fn a_challenge_of_another_binding_or_key_is_refused() {
    let device = Device::new(Algorithm::Es256);
    let response = AuthenticationResponse::from_json(device.assert().to_json(&device).to_string().as_bytes()).unwrap();
    let (ours, other) = (key(), hmac::Key::new(hmac::HMAC_SHA256, b"another key"));
    let stored = stored(&device);
    let verify = |key, binding| {
        let terms = ChallengeTerms {
            binding,
            ..terms(key, Purpose::Login)
        };
        relying_party()
            .verify_assertion(&response, NOW, &terms, Some(&stored))
            .map(|_| ())
    };

    assert_eq!(verify(&ours, BINDING), Ok(()));
    assert_eq!(verify(&ours, b"another"), Err(Refusal::ForeignChallenge));
    assert_eq!(verify(&ours, b""), Err(Refusal::ForeignChallenge));
    assert_eq!(verify(&other, BINDING), Err(Refusal::ForeignChallenge));
}

#[test]
fn a_response_is_refused_from_the_second_in_which_its_challenge_expires() {
    let device = Device::new(Algorithm::Es256);
    let response = RegistrationResponse::from_json(device.register().to_json().to_string().as_bytes()).unwrap();
    let verify = |after| {
        let key = key();
        let terms = terms(&key, Purpose::Register);
        relying_party()
            .verify_registration(&response, NOW.plus(Span::seconds(after)), &terms)
            .map(|_| ())
    };

    assert_eq!(verify(LIFETIME.get() - 1), Ok(()));
    assert_eq!(verify(LIFETIME.get()), Err(Refusal::ExpiredChallenge));
}

/// An assertion for a credential that is not stored is refused, even with a signature by the real device.
#[test]
fn what_is_not_stored_is_refused_after_the_same_checks() {
    let device = Device::new(Algorithm::Es256);
    let mut foreign = device.assert();
    foreign.client_data["origin"] = json!("https://evil.example");

    assert_eq!(
        assert(&device, &device.assert(), None).unwrap_err(),
        Refusal::UnknownCredential
    );
    assert_eq!(assert(&device, &foreign, None).unwrap_err(), Refusal::WrongOrigin);
}

fn run(device: &Device, case: &Case) -> Vec<Result<(), Refusal>> {
    let (mut registration, mut assertion, mut stored) = (device.register(), device.assert(), Some(stored(device)));
    let mut both = [false, false];
    match case {
        Case::Registration(change) => {
            change(&mut registration);
            both[0] = true;
        }
        Case::Assertion(change) => {
            change(&mut assertion);
            both[1] = true;
        }
        Case::Stored(change) => {
            change(stored.as_mut().unwrap());
            both[1] = true;
        }
        Case::Unknown => {
            stored = None;
            both[1] = true;
        }
        Case::Both(change) => {
            change(&mut Parts {
                client_data: &mut registration.client_data,
                data: &mut registration.data,
            });
            change(&mut Parts {
                client_data: &mut assertion.client_data,
                data: &mut assertion.data,
            });
            both = [true, true];
        }
    }
    let registered = both[0].then(|| register(&registration).map(|_| ()));
    let asserted = both[1].then(|| assert(device, &assertion, stored.as_ref()).map(|_| ()));
    registered.into_iter().chain(asserted).collect()
}

fn register_with_client_data(client_data: &[u8]) -> Result<(), Refusal> {
    let mut parts = Device::new(Algorithm::Es256).register();
    member(&mut parts, "clientDataJSON", client_data);
    register(&parts).map(|_| ())
}
