//! The output of `Debug`. It identifies a key, but contains nothing secret.

use claims::{Access, KeyId, SigningInput, Unverified, VerifyingKey};

use crate::harness::{ALGORITHMS, access, access_draft};

#[test]
fn a_key_shows_its_algorithm_alone() {
    let public = VerifyingKey::eddsa("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    assert_eq!(format!("{public:?}"), "VerifyingKey(EdDSA)");
    for service in ALGORITHMS.map(access) {
        assert_eq!(
            format!("{:?}", service.key),
            format!("SigningKey({:?})", service.algorithm)
        );
    }
}

#[test]
fn a_key_set_shows_its_kids_alone() {
    for service in ALGORITHMS.map(access) {
        let kids = format!("[\"{}\"]", service.kid);

        assert_eq!(format!("{:?}", service.keys), kids);
        assert_eq!(format!("{:?}", service.keys.verifying_keys()), kids);
    }
}

#[test]
fn a_token_shows_nothing() {
    for service in ALGORITHMS.map(access) {
        let token = service.keys.sign(&access_draft()).unwrap();
        let input = SigningInput::new(&access_draft(), &KeyId::parse("kid").unwrap(), service.algorithm).unwrap();

        assert_eq!(format!("{token:?}"), "SignedToken(..)");
        assert_eq!(format!("{input:?}"), "SigningInput(..)");
        let unverified = Unverified::<Access>::parse(token.expose()).unwrap();
        assert_eq!(format!("{unverified:?}"), "Unverified(..)");
    }
}
