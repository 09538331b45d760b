//! Ceremonies with an independent client and authenticator: those of 1Password's `passkey`. They read our options and
//! make the responses, with keys of their own kind.

use futures::executor::block_on;
use passkey::{
    authenticator::{Authenticator, CredentialIdLength, extensions::HmacSecretConfig},
    client::{Client, DefaultClientData, DefaultClientDataWithExtra},
    crypto::{AvailableBackend, iana},
};
use passkey_types::{
    ctap2::Aaguid,
    webauthn::{CredentialCreationOptions, CredentialRequestOptions},
};
use proptest::prelude::*;
use public_suffix::PublicSuffixList;
use serde_json::{Value, json};
use url::Url;
use webauthn::{
    Algorithm, Assertion, AuthenticationResponse, CounterSignal, Descriptor, Purpose, Refusal, RegistrationResponse,
    StoredCredential, Transport, User, UserHandle,
};

use crate::{
    harness::{NOW, ORIGIN, key, relying_party, rp_id, terms},
    keychain::{Keychain, Person},
};

type Phone = Client<Keychain, Person, AvailableBackend, PublicSuffixList, ()>;

/// What varies between phones and the options for them.
#[derive(Clone, Debug)]
struct Model {
    algorithm: iana::Algorithm,
    counts: bool,
    id_length: u8,
    aaguid: [u8; 16],
    has_extensions: bool,
    is_android: bool,
    random: [u8; 16],
    handle: Vec<u8>,
    name: String,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_passkey_of_an_independent_authenticator_is_registered_and_logs_in(model in model()) {
        let mut phone = phone(&model, Person { is_verified: true });
        let stored = register(&mut phone, &model);

        for round in 1..=3_u32 {
            let assertion = log_in(&mut phone, &model, &stored, round).unwrap();

            prop_assert_eq!(&assertion.user_handle, &stored.user_handle);
            prop_assert_eq!(assertion.counter, if model.counts { round } else { 0 });
            let signal = if model.counts { CounterSignal::Fine } else { CounterSignal::NotUsed };
            prop_assert_eq!(assertion.signal, signal);
        }
    }

    /// Two phones of two users: neither can answer for the other.
    #[test]
    fn a_passkey_of_another_user_is_refused(one in model(), other in model()) {
        prop_assume!(one.handle != other.handle);
        let [mut phone, mut others] = [&one, &other].map(|model| phone(model, Person { is_verified: true }));
        let [stored, of_other] = [register(&mut phone, &one), register(&mut others, &other)];
        let with_key = StoredCredential { key: of_other.key.clone(), ..stored.clone() };
        let with_handle = StoredCredential { user_handle: of_other.user_handle.clone(), ..stored.clone() };

        prop_assert!(log_in(&mut phone, &one, &stored, 1).is_ok());
        prop_assert_eq!(log_in(&mut phone, &one, &of_other, 2).unwrap_err(), Refusal::OtherCredential);
        prop_assert_eq!(log_in(&mut phone, &one, &with_key, 3).unwrap_err(), Refusal::BadSignature);
        prop_assert_eq!(log_in(&mut phone, &one, &with_handle, 4).unwrap_err(), Refusal::OtherUser);
    }
}

/// The authenticator refuses to act without verification, because our options require it.
#[test]
fn a_person_who_is_not_verified_cannot_register() {
    let model = Model {
        algorithm: iana::Algorithm::ES256,
        counts: false,
        id_length: 16,
        aaguid: [0; 16],
        has_extensions: false,
        is_android: false,
        random: [7; 16],
        handle: b"user-1".to_vec(),
        name: "Ada".to_owned(),
    };
    let mut phone = phone(&model, Person { is_verified: false });

    let found = block_on(phone.register(&origin(), creation_options(&model), DefaultClientData));

    assert!(found.is_err());
    assert!(phone.authenticator().store().0.is_empty());
}

/// A phone does not make a second passkey for a user who has one on it.
#[test]
fn a_phone_refuses_if_its_passkey_is_excluded() {
    proptest!(ProptestConfig::with_cases(20), |(model in model())| {
        let mut phone = phone(&model, Person { is_verified: true });
        let stored = register(&mut phone, &model);
        let (rp, key) = (relying_party(), key());
        let challenge = terms(&key, Purpose::Register).issue(NOW, model.random);
        let user = User { handle: &stored.user_handle, name: &model.name, display_name: &model.name };
        let excluded = [Descriptor { id: &stored.id, transports: Transport::ALL }];
        let options = json!({ "publicKey": rp.creation_options(&challenge, &user, &excluded) });
        let options = serde_json::from_value(options).unwrap();

        let found = block_on(phone.register(&origin(), options, DefaultClientData));

        prop_assert!(found.is_err());
    });
}

/// A second step names the passkeys of the user, and the phone uses one of them.
#[test]
fn a_phone_answers_with_the_passkey_that_is_allowed() {
    proptest!(ProptestConfig::with_cases(20), |(model in model())| {
        let mut phone = phone(&model, Person { is_verified: true });
        let passkeys = [register(&mut phone, &model), register(&mut phone, &model)];
        for stored in &passkeys {
            let (rp, key) = (relying_party(), key());
            let terms = terms(&key, Purpose::SecondStep);
            let allowed = [Descriptor { id: &stored.id, transports: &[Transport::Internal] }];
            let options = json!({ "publicKey": rp.request_options(&terms.issue(NOW, model.random), &allowed) });
            let options = serde_json::from_value(options).unwrap();

            let made = block_on(phone.authenticate(&origin(), options, DefaultClientData)).unwrap();
            let response = AuthenticationResponse::from_json(&serde_json::to_vec(&made).unwrap()).unwrap();

            prop_assert_eq!(response.id(), &stored.id);
            prop_assert!(rp.verify_assertion(&response, NOW, &terms, Some(stored)).is_ok());
        }
    });
}

fn model() -> impl Strategy<Value = Model> {
    let algorithm = prop::sample::select(&[iana::Algorithm::ES256, iana::Algorithm::EdDSA][..]);
    let flags = any::<(bool, bool, bool)>();
    let bytes = (16..=64_u8, any::<[u8; 16]>(), any::<[u8; 16]>());
    let user = (prop::collection::vec(any::<u8>(), 1..=64), "\\PC{0,40}");
    (algorithm, flags, bytes, user).prop_map(
        |(algorithm, flags, (id_length, aaguid, random), (handle, name))| Model {
            algorithm,
            counts: flags.0,
            id_length,
            aaguid,
            has_extensions: flags.1,
            is_android: flags.2,
            random,
            handle,
            name,
        },
    )
}

fn phone(model: &Model, person: Person) -> Phone {
    let aaguid = Aaguid::from(model.aaguid);
    let mut authenticator = Authenticator::new(aaguid, Keychain::default(), person, AvailableBackend);
    authenticator.set_algorithms(&[model.algorithm]).unwrap();
    authenticator.set_make_credentials_with_signature_counter(model.counts);
    authenticator.set_make_credential_id_length(CredentialIdLength::from(model.id_length));
    if model.has_extensions {
        authenticator = authenticator.hmac_secret(HmacSecretConfig::new_without_uv().enable_on_make_credential());
    }
    Client::new(authenticator)
}

fn origin() -> Url {
    Url::parse(ORIGIN).unwrap()
}

fn creation_options(model: &Model) -> CredentialCreationOptions {
    let (rp, key) = (relying_party(), key());
    let challenge = terms(&key, Purpose::Register).issue(NOW, model.random);
    let handle = UserHandle::new(model.handle.clone()).unwrap();
    let user = User {
        handle: &handle,
        name: &model.name,
        display_name: &model.name,
    };
    let mut options = json!({ "publicKey": rp.creation_options(&challenge, &user, &[]) });
    if model.has_extensions {
        options["publicKey"]["extensions"] = json!({ "credProps": true, "prf": { "eval": { "first": "AAAA" } } });
    }
    serde_json::from_value(options).unwrap()
}

/// Registers a passkey, and returns what the caller stores.
fn register(phone: &mut Phone, model: &Model) -> StoredCredential {
    let options = creation_options(model);
    let origin = origin();
    let made = if model.is_android {
        let extra = json!({ "androidPackageName": "com.example.app" });
        block_on(phone.register(&origin, options, DefaultClientDataWithExtra(extra)))
    } else {
        block_on(phone.register(&origin, options, DefaultClientData))
    };
    let json = serde_json::to_vec(&made.unwrap()).unwrap();
    let response = RegistrationResponse::from_json(&json).unwrap();
    let key = key();
    let registration = relying_party()
        .verify_registration(&response, NOW, &terms(&key, Purpose::Register))
        .unwrap();

    let algorithm = if model.algorithm == iana::Algorithm::ES256 {
        Algorithm::Es256
    } else {
        Algorithm::EdDsa
    };
    assert_eq!(registration.key.algorithm(), algorithm);
    assert_eq!(registration.id.as_bytes().len(), usize::from(model.id_length));
    assert_eq!(registration.aaguid, model.aaguid);
    assert_eq!(registration.transports, [Transport::Hybrid, Transport::Internal]);
    assert_eq!(registration.challenge.random(), model.random);
    StoredCredential {
        id: registration.id,
        key: registration.key,
        counter: registration.counter,
        backup_eligible: registration.backup_eligible,
        rp_id: rp_id(),
        user_handle: UserHandle::new(model.handle.clone()).unwrap(),
    }
}

fn log_in(phone: &mut Phone, model: &Model, stored: &StoredCredential, round: u32) -> Result<Assertion, Refusal> {
    let (rp, key) = (relying_party(), key());
    let terms = terms(&key, Purpose::Login);
    let challenge = terms.issue(NOW, [u8::try_from(round).unwrap(); 16]);
    let mut options = json!({ "publicKey": rp.request_options(&challenge, &[]) });
    if model.has_extensions {
        options["publicKey"]["extensions"] = json!({ "prf": { "eval": { "first": "AAAA" } } });
    }
    let options: CredentialRequestOptions = serde_json::from_value(options).unwrap();
    let made = block_on(phone.authenticate(&origin(), options, DefaultClientData)).unwrap();
    let json: Value = serde_json::to_value(&made).unwrap();
    let response = AuthenticationResponse::from_json(json.to_string().as_bytes()).unwrap();
    rp.verify_assertion(&response, NOW, &terms, Some(stored))
}
