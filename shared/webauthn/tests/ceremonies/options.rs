//! The JSON of options.

use serde_json::{json, to_value};
use webauthn::{CredentialId, Descriptor, Purpose, Transport, User};

use crate::harness::{NOW, handle, key, relying_party, terms};

#[test]
fn creation_options_are_as_specified() {
    let (rp, handle, key) = (relying_party(), handle(), key());
    let challenge = terms(&key, Purpose::Register).issue(NOW, [7; 16]);
    let user = User {
        handle: &handle,
        name: "ada@example.com",
        display_name: "Ada",
    };
    let id = CredentialId::new(vec![1, 2, 3]).unwrap();
    let excluded = [Descriptor {
        id: &id,
        transports: Transport::ALL,
    }];

    let options = to_value(rp.creation_options(&challenge, &user, &excluded)).unwrap();

    assert_eq!(
        options,
        json!({
            "rp": { "id": "example.com", "name": "example.com" },
            "user": { "id": "dXNlci0x", "name": "ada@example.com", "displayName": "Ada" },
            "challenge": challenge.to_base64url(),
            "pubKeyCredParams": [
                { "type": "public-key", "alg": -8 },
                { "type": "public-key", "alg": -7 },
                { "type": "public-key", "alg": -257 },
            ],
            "timeout": 300_000,
            "excludeCredentials": [{
                "type": "public-key",
                "id": "AQID",
                "transports": ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"],
            }],
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": true,
                "userVerification": "required",
            },
            "attestation": "none",
        })
    );
}

#[test]
fn request_options_are_as_specified() {
    let (rp, key) = (relying_party(), key());
    let challenge = terms(&key, Purpose::Login).issue(NOW, [7; 16]);
    let id = CredentialId::new(vec![1, 2, 3]).unwrap();
    let allowed = [Descriptor {
        id: &id,
        transports: &[Transport::Internal],
    }];

    let of_a_login = to_value(rp.request_options(&challenge, &[])).unwrap();
    let of_a_second_step = to_value(rp.request_options(&challenge, &allowed)).unwrap();

    assert_eq!(
        of_a_login,
        json!({
            "challenge": challenge.to_base64url(),
            "timeout": 300_000,
            "rpId": "example.com",
            "allowCredentials": [],
            "userVerification": "required",
        })
    );
    assert_eq!(
        of_a_second_step["allowCredentials"],
        json!([{ "type": "public-key", "id": "AQID", "transports": ["internal"] }])
    );
}

#[test]
fn transports_are_found_by_the_names_that_clients_use() {
    for transport in Transport::ALL {
        assert_eq!(to_value(transport).unwrap(), transport.as_str());
        assert_eq!(Transport::from_name(transport.as_str()), Some(*transport));
    }
    assert_eq!(Transport::from_name("cable"), None);
}
