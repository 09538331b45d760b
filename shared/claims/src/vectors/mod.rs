//! Published test vectors for verifiers: Wycheproof's, and the examples of the RFCs.
//!
//! These tests are part of the crate because they call private functions: half of the vectors are only about
//! signatures, and a service would refuse some of the keys.

mod files;
mod keys;

use std::collections::BTreeMap;

use serde_json::Value;

use self::{
    files::vectors,
    keys::{access_keys, is_offered, signature_key, verifier},
};
use crate::{
    Access, Claims, InvalidKey, KeyId, Refusal, SigningKey, Timestamp, Unverified, Verifier, VerifyingKey,
    header::Header,
};

/// A time at which the examples of RFC 7515 had not expired.
const NOW: Timestamp = Timestamp::new(1_300_000_000);

#[test]
fn every_decided_verdict_on_a_signature_agrees() {
    let Some([suite, verdicts]) = vectors(["wycheproof/json_web_signature_test", "wycheproof/verdicts"]) else {
        return;
    };
    let verdict: BTreeMap<_, _> = list(&verdicts["vectors"])
        .map(|it| (number(&it["tcId"]), &it["jws_layer"]))
        .collect();
    let mut counts = BTreeMap::new();

    for (key, test) in tests(&suite) {
        let verdict = verdict[&number(&test["tcId"])].as_str().unwrap();
        let Ok(key) = signature_key(key) else {
            // A key for another purpose or for an unsupported algorithm verifies nothing.
            *counts.entry((String::from("no key"), verdict)).or_insert(0) += 1;
            assert!(verdict != "accept" || !is_offered(key), "{test}");
            continue;
        };
        let accepted = verify_signature(&key, test["jws"].as_str().unwrap()).is_ok();
        *counts.entry((format!("{:?}", key.algorithm()), verdict)).or_insert(0) += 1;
        match verdict {
            "accept" => assert!(accepted, "{test}"),
            "reject" => assert!(!accepted, "{test}"),
            undecided => assert!(["either", "skip"].contains(&undecided), "{test}"),
        }
    }

    let counts: Vec<_> = counts
        .iter()
        .map(|((key, verdict), count)| (key.as_str(), *verdict, *count))
        .collect();
    assert_eq!(
        counts,
        [
            ("ES256", "accept", 2),
            ("ES256", "reject", 37),
            ("HS256", "accept", 8),
            ("HS256", "reject", 30),
            ("HS256", "skip", 2),
            ("RS256", "accept", 8),
            ("RS256", "reject", 225),
            ("no key", "accept", 22),
            ("no key", "either", 8),
            ("no key", "reject", 59),
        ]
    );
}

/// Even a vector with a valid signature is not a token of this service.
#[test]
fn every_signed_vector_is_refused_as_a_token() {
    let Some([suite]) = vectors(["wycheproof/json_web_signature_test"]) else {
        return;
    };

    for (key, test) in tests(&suite) {
        let refusal = verify(&verifier(key), test["jws"].as_str().unwrap(), NOW).err();

        assert!(refusal.is_some(), "{test}");
    }
}

#[test]
fn every_bad_key_is_refused_and_so_is_what_it_signed() {
    let Some([suite]) = vectors(["wycheproof/json_web_key_test"]) else {
        return;
    };
    let mut bad = 0;

    for (set, test) in tests(&suite) {
        let name = test["comment"].as_str().unwrap();
        let is_good = test["result"] == "valid";
        let keys: Vec<_> = list(&set["keys"]).collect();
        let readable = access_keys(&keys).is_ok();
        // Wycheproof accepts predictable secrets, and hash functions that are not supported here.
        let refused_nonetheless = name == "long_key";
        assert_eq!(
            readable,
            (is_good && !refused_nonetheless) || name == "rejectsModifiedSignature",
            "{test}"
        );
        bad += i32::from(!readable);

        if let (true, Some(jws)) = (readable, test["jws"].as_str()) {
            let token = Unverified::<Access>::split(jws).unwrap();
            let kid = Header::parse(token.header()).unwrap().key_id().ok();
            let key = keys
                .iter()
                .find(|key| key["kid"].as_str() == kid.as_ref().map(KeyId::as_str))
                .unwrap();
            assert_eq!(
                verify_signature(&signature_key(key).unwrap(), jws).is_ok(),
                is_good,
                "{test}"
            );
        }
    }

    assert_eq!(bad, 23);
}

#[test]
fn every_encrypted_token_is_refused() {
    let Some([suite, older]) = vectors(["wycheproof/json_web_encryption_test", "wycheproof/json_web_crypto_test"])
    else {
        return;
    };
    let verifier = verifier(&Value::Null);
    let encrypted: Vec<_> = tests(&suite)
        .chain(tests(&older))
        .filter_map(|(_, test)| test.get("jwe").map(text))
        .collect();
    assert_eq!(encrypted.len(), 139 + 34);

    for jwe in encrypted {
        let refusal = verify(&verifier, &jwe, NOW).unwrap_err();

        assert!(
            matches!(refusal, Refusal::NotCompact | Refusal::TooLong),
            "{refusal}: {jwe}"
        );
    }
}

#[test]
fn the_older_vectors_agree() {
    let Some([suite]) = vectors(["wycheproof/json_web_crypto_test"]) else {
        return;
    };
    let signed = || tests(&suite).filter(|(key, test)| key["kty"].is_string() && test.get("jws").is_some());
    assert_eq!(signed().count(), 46);

    for (key, test) in signed() {
        let jws = text(&test["jws"]);
        let accepted = signature_key(key).is_ok_and(|key| verify_signature(&key, &jws).is_ok());

        assert_eq!(accepted, test["result"] == "valid", "{test}");
        assert!(verify(&verifier(key), &jws, NOW).is_err(), "{test}");
    }
}

#[test]
fn the_examples_of_the_rfcs_have_good_signatures_and_are_no_tokens() {
    let Some([examples]) = vectors(["rfc_examples/rfc_jws_examples"]) else {
        return;
    };
    let mut good = Vec::new();

    for example in list(&examples["vectors"]) {
        let token = text(&example["token"]);
        let mut key = example["key"].clone();
        key["alg"] = example["alg"].clone();
        let is_good = signature_key(&key).is_ok_and(|key| verify_signature(&key, &token).is_ok());
        good.extend(is_good.then(|| example["id"].as_str().unwrap()));

        assert!(!is_good || example["signature_valid"] == true, "{example}");
        assert!(verify(&verifier(&key), &token, NOW).is_err(), "{example}");
    }

    // The other examples have unsupported algorithms, no signature, or no compact serialisation.
    assert_eq!(
        good,
        [
            "rfc7515-A.1",
            "rfc7515-A.2",
            "rfc7515-A.3",
            "rfc7520-section-4.1",
            "rfc8037-appendix-A.4",
            "rfc7520-section-4.4",
        ]
    );
}

#[test]
fn the_secret_of_an_rfc_is_refused() {
    let Some([examples]) = vectors(["rfc_examples/rfc_jws_examples"]) else {
        return;
    };
    let example = list(&examples["vectors"])
        .find(|example| example["id"] == "rfc7515-A.1")
        .unwrap();

    let refusal = SigningKey::hs256(example["key"]["k"].as_str().unwrap()).unwrap_err();

    assert_eq!(refusal, InvalidKey::PublishedSecret);
}

/// Parses and verifies a token.
fn verify(verifier: &Verifier<Access>, token: &str, now: Timestamp) -> Result<Claims<Access>, Refusal> {
    verifier.verify(&Unverified::parse(token)?, now)
}

/// Checks only the algorithm and the signature of a token. Most vectors test nothing else.
fn verify_signature(key: &VerifyingKey, jws: &str) -> Result<Vec<u8>, Refusal> {
    let token = Unverified::<Access>::split(jws)?;
    Header::parse(token.header())?.check_for(key)?;
    Ok(token.verify(key)?.to_vec())
}

/// Returns each vector with the key or key set of its group.
fn tests(suite: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    list(&suite["testGroups"]).flat_map(|group| {
        let key = group.get("public").unwrap_or(&group["private"]);
        list(&group["tests"]).map(move |test| (key, test))
    })
}

/// Returns a token as a string. A token in JSON serialisation is returned as JSON.
fn text(token: &Value) -> String {
    token.as_str().map_or_else(|| token.to_string(), str::to_owned)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}
