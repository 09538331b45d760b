//! Random damage: a response with any other byte is refused, and no bytes make anything panic.

use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use webauthn::{Algorithm, AuthenticationResponse, Purpose, RegistrationResponse, StoredCredential};

use crate::{
    authenticator::Device,
    harness::{NOW, base64url, key, register, relying_party, stored, terms},
};

proptest! {
    /// All that an assertion consists of is signed, is the signature, or names the credential.
    #[test]
    fn an_assertion_with_a_changed_byte_is_refused(
        algorithm in prop::sample::select(Algorithm::ALL),
        place in prop::sample::select(&["/response/clientDataJSON", "/response/authenticatorData",
            "/response/signature", "/response/userHandle", "/rawId"][..]),
        damage in damage(),
    ) {
        let device = Device::new(algorithm);
        let stored = stored(&device);
        let mut json = device.assert().to_json(&device);

        prop_assert!(assert(&json, &stored));
        change(&mut json, place, &damage);
        prop_assert!(!assert(&json, &stored));
    }

    /// A registration is not signed. So a change is refused, or changes what is registered, or is in a part that is
    /// ignored: the client data's spelling, the format of the attestation, or a reserved flag.
    #[test]
    fn a_registration_with_a_changed_key_or_id_is_refused_or_another(
        algorithm in prop::sample::select(Algorithm::ALL),
        place in prop::sample::select(&["/response/attestationObject", "/rawId"][..]),
        damage in damage(),
    ) {
        let device = Device::new(algorithm);
        let mut parts = device.register();
        let correct = register(&parts).unwrap();
        parts.members.insert("publicKey".to_owned(), json!(base64url(correct.key.spki())));
        parts.members.insert("authenticatorData".to_owned(), json!(base64url(&parts.data.to_bytes())));
        let mut json = parts.to_json();
        change(&mut json, place, &damage);

        let response = RegistrationResponse::from_json(json.to_string().as_bytes());
        let key = key();
        let found = response.ok().and_then(|response| {
            relying_party().verify_registration(&response, NOW, &terms(&key, Purpose::Register)).ok()
        });

        // Only the name of the format is free.
        prop_assert!(found.is_none_or(|found| found == correct && place == "/response/attestationObject"));
    }

    #[test]
    fn any_bytes_as_a_part_are_refused(
        place in prop::sample::select(&["/response/clientDataJSON", "/response/attestationObject",
            "/response/authenticatorData", "/response/publicKey", "/response/signature"][..]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let device = Device::new(Algorithm::Es256);
        let key = key();
        let (mut registration, mut assertion) = (device.register().to_json(), device.assert().to_json(&device));
        for json in [&mut registration, &mut assertion] {
            set(json, place, &bytes);
        }

        let response = RegistrationResponse::from_json(registration.to_string().as_bytes()).unwrap();
        let registered = relying_party().verify_registration(&response, NOW, &terms(&key, Purpose::Register));
        prop_assert_eq!(registered.is_ok(), place == "/response/signature");
        let asserted = assert(&assertion, &stored(&device));
        prop_assert_eq!(asserted, ["/response/attestationObject", "/response/publicKey"].contains(&place));
    }

    #[test]
    fn any_bytes_as_json_make_nothing_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(RegistrationResponse::from_json(&bytes).is_err());
        prop_assert!(AuthenticationResponse::from_json(&bytes).is_err());
    }
}

/// A change of bytes: one other byte, one byte less, or one more.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Remove(Index),
    Insert(Index, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<Index>(), 1..=u8::MAX).prop_map(|(at, change)| Damage::Flip(at, change)),
        1 => any::<Index>().prop_map(Damage::Remove),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
    ]
}

/// Changes the bytes of a member. A changed id is changed in both members.
fn change(json: &mut Value, place: &str, damage: &Damage) {
    use base64::Engine as _;
    let text = json.pointer(place).unwrap().as_str().unwrap();
    let mut bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap();
    match damage {
        Damage::Flip(at, change) => {
            let at = at.index(bytes.len());
            bytes[at] ^= change;
        }
        Damage::Remove(at) => drop(bytes.remove(at.index(bytes.len()))),
        Damage::Insert(at, byte) => bytes.insert(at.index(bytes.len() + 1), *byte),
    }
    set(json, place, &bytes);
    if place == "/rawId" {
        set(json, "/id", &bytes);
    }
}

fn set(json: &mut Value, place: &str, bytes: &[u8]) {
    let (parent, name) = place.rsplit_once('/').unwrap();
    json.pointer_mut(parent).unwrap()[name] = json!(base64url(bytes));
}

/// Returns whether an assertion is accepted.
fn assert(json: &Value, stored: &StoredCredential) -> bool {
    let key = key();
    AuthenticationResponse::from_json(json.to_string().as_bytes()).is_ok_and(|response| {
        relying_party()
            .verify_assertion(&response, NOW, &terms(&key, Purpose::Login), Some(stored))
            .is_ok()
    })
}
