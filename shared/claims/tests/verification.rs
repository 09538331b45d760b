//! Verification as its users see it: what is accepted, and each way in which a token can be wrong.

#![cfg(test)]

use std::sync::OnceLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{SeedableRng as _, rngs::StdRng};
use rstest::rstest;
use serde_json::{Map, Value, json};

use claims::{
    Access, AccessClaims, Audience, Delivery, Draft, Issuer, KeyId, KeySet, Refresh, RefreshClaims, Refusal, Seconds,
    SigningKey, Timestamp, TokenId, Verifier,
};

const NOW: Timestamp = Timestamp::new(1_700_000_000);
const LIFE: Seconds = Seconds::new(900);

#[test]
fn a_token_that_was_issued_verifies_and_says_what_was_drafted() {
    let token = access_keys().sign(&access_draft()).unwrap();

    let claims = access_verifier().verify(token.expose(), NOW).unwrap();

    assert_eq!(claims.sub().as_str(), "user-1");
    assert_eq!(claims.sid().as_str(), "session-1");
    assert_eq!(claims.own(), &access_draft().own);
}

#[rstest]
#[case::at_issue(0, Ok(()))]
#[case::last_second(900 + 29, Ok(()))]
#[case::first_second_after(900 + 30, Err(Refusal::Expired))]
#[case::issued_within_the_leeway(-30, Ok(()))]
#[case::issued_in_the_future(-31, Err(Refusal::IssuedInFuture))]
fn a_token_lives_from_issue_to_expiry_give_or_take_the_leeway(
    #[case] offset: i64,
    #[case] expected: Result<(), Refusal>,
) {
    let token = access_keys().sign(&access_draft()).unwrap();
    let now = Timestamp::new(NOW.get().checked_add_signed(offset).unwrap());

    assert_eq!(access_verifier().verify(token.expose(), now).map(|_| ()), expected);
}

#[test]
fn a_refresh_token_of_any_age_can_still_end_its_session() {
    let token = refresh_keys().sign(&refresh_draft()).unwrap();
    let much_later = NOW.plus(Seconds::new(1_000_000));

    assert_eq!(
        refresh_verifier().verify(token.expose(), much_later).unwrap_err(),
        Refusal::Expired
    );
    assert!(refresh_verifier().verify_of_any_age(token.expose(), much_later).is_ok());
}

#[test]
fn neither_kind_of_token_passes_for_the_other() {
    let access = access_keys().sign(&access_draft()).unwrap();
    let refresh = refresh_keys().sign(&refresh_draft()).unwrap();

    assert_eq!(
        access_verifier().verify(refresh.expose(), NOW).unwrap_err(),
        Refusal::WrongType
    );
    // An access token is longer than any refresh token, so it does not even get that far.
    assert!(refresh_verifier().verify(access.expose(), NOW).is_err());
}

#[rstest]
#[case::no_dot("abc", Refusal::NotCompact)]
#[case::four_parts("e30.e30.e30.e30", Refusal::NotCompact)]
#[case::padding("e30=.e30.e30", Refusal::NotCompact)]
#[case::standard_alphabet("e3+/.e30.e30", Refusal::NotCompact)]
#[case::white_space(" e30.e30.e30", Refusal::NotCompact)]
#[case::empty("", Refusal::NotCompact)]
#[case::not_json("YWJj.e30.e30", Refusal::MalformedHeader)]
#[case::empty_parts("..", Refusal::MalformedHeader)]
#[case::no_type("e30.e30.e30", Refusal::WrongType)]
#[case::too_long(&"a".repeat(2049), Refusal::TooLong)]
fn what_is_no_token_is_refused(#[case] token: &str, #[case] expected: Refusal) {
    assert_eq!(access_verifier().verify(token, NOW).unwrap_err(), expected);
}

#[rstest]
#[case::typ("typ", json!("JWT"), Refusal::WrongType)]
#[case::typ_case("typ", json!("AT+JWT"), Refusal::WrongType)]
#[case::alg_none("alg", json!("none"), Refusal::WrongAlgorithm)]
#[case::alg_hs256("alg", json!("HS256"), Refusal::WrongAlgorithm)]
#[case::alg_case("alg", json!("rs256"), Refusal::WrongAlgorithm)]
#[case::alg_number("alg", json!(1), Refusal::WrongAlgorithm)]
#[case::kid_number("kid", json!(1), Refusal::NoKeyId)]
#[case::kid_null("kid", json!(null), Refusal::NoKeyId)]
#[case::kid_path("kid", json!("../../dev/null"), Refusal::UnknownKey(KeyId::parse("../../dev/null").unwrap()))]
#[case::crit("crit", json!(["exp"]), Refusal::ForbiddenHeader)]
#[case::crit_null("crit", json!(null), Refusal::ForbiddenHeader)]
#[case::jwk("jwk", json!({"kty": "oct", "k": "AA"}), Refusal::ForbiddenHeader)]
#[case::jku("jku", json!("https://attacker.example/jwks"), Refusal::ForbiddenHeader)]
#[case::zip("zip", json!("DEF"), Refusal::ForbiddenHeader)]
fn a_header_that_was_never_issued_is_refused(#[case] name: &str, #[case] value: Value, #[case] expected: Refusal) {
    let token = forge(|header, _| {
        header.insert(name.into(), value);
    });

    assert_eq!(access_verifier().verify(&token, NOW).unwrap_err(), expected);
}

/// The forged claims are signed with the real key: only the claims are wrong.
#[rstest]
#[case::iss("iss", Some(json!("https://other.example")), Refusal::WrongIssuer)]
#[case::iss_array("iss", Some(json!(["https://issuer.example"])), Refusal::MalformedClaims)]
#[case::no_iss("iss", None, Refusal::MalformedClaims)]
#[case::aud("aud", Some(json!("other")), Refusal::WrongAudience)]
#[case::aud_empty("aud", Some(json!([])), Refusal::WrongAudience)]
#[case::aud_mixed("aud", Some(json!(["dashboard", 1])), Refusal::MalformedClaims)]
#[case::no_aud("aud", None, Refusal::MalformedClaims)]
#[case::no_exp("exp", None, Refusal::MalformedClaims)]
#[case::exp_null("exp", Some(json!(null)), Refusal::MalformedClaims)]
#[case::exp_text("exp", Some(json!("1700000900")), Refusal::MalformedClaims)]
#[case::exp_float("exp", Some(json!(1_700_000_900.5)), Refusal::MalformedClaims)]
#[case::exp_negative("exp", Some(json!(-1)), Refusal::MalformedClaims)]
#[case::nbf_future("nbf", Some(json!(1_700_000_031)), Refusal::NotYetValid)]
#[case::nbf_null("nbf", Some(json!(null)), Refusal::MalformedClaims)]
#[case::no_sub("sub", None, Refusal::MalformedClaims)]
#[case::empty_sub("sub", Some(json!("")), Refusal::MalformedClaims)]
#[case::no_sid("sid", None, Refusal::MalformedClaims)]
#[case::no_jti("jti", None, Refusal::MalformedClaims)]
#[case::no_role("role", None, Refusal::MalformedClaims)]
#[case::role_array("role", Some(json!(["admin"])), Refusal::MalformedClaims)]
fn claims_that_do_not_hold_are_refused(#[case] name: &str, #[case] value: Option<Value>, #[case] expected: Refusal) {
    let token = resign(|claims| {
        claims.remove(name);
        claims.extend(value.map(|value| (name.to_owned(), value)));
    });

    assert_eq!(access_verifier().verify(&token, NOW).unwrap_err(), expected);
}

#[test]
fn one_audience_among_several_is_enough() {
    let token = resign(|claims| {
        claims.insert("aud".into(), json!(["other", "dashboard"]));
    });

    assert!(access_verifier().verify(&token, NOW).is_ok());
}

#[test]
fn every_changed_character_is_refused() {
    let token = access_keys().sign(&access_draft()).unwrap();
    let verifier = access_verifier();

    for position in 0..token.expose().len() {
        let mut changed = token.expose().as_bytes().to_vec();
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();

        assert!(verifier.verify(&changed, NOW).is_err(), "character {position}");
    }
}

#[test]
fn a_retired_key_verifies_nothing() {
    let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let json =
        format!(r#"{{"keys":[{{"kid":"a","alg":"HS256","activates_at":0,"retires_at":1700000010,"k":"{secret}"}}]}}"#);
    let keys = KeySet::<Refresh>::from_json(&json).unwrap();
    let token = keys.sign(&refresh_draft()).unwrap();
    let verifier = Verifier::refresh(issuer(), keys.verifying_keys());

    assert!(verifier.verify(token.expose(), NOW.plus(Seconds::new(9))).is_ok());
    assert_eq!(
        verifier.verify(token.expose(), NOW.plus(Seconds::new(10))).unwrap_err(),
        Refusal::UnknownKey(KeyId::parse("a").unwrap())
    );
}

#[test]
fn a_signature_of_jsonwebtoken_s_own_shape_is_what_we_make() {
    let token = access_keys().sign(&access_draft()).unwrap();

    let header = jsonwebtoken::decode_header(token.expose()).unwrap();

    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(header.alg, jsonwebtoken::Algorithm::RS256);
}

fn issuer() -> Issuer {
    Issuer::parse("https://issuer.example").unwrap()
}

fn audience() -> Audience {
    Audience::parse("dashboard").unwrap()
}

fn access_keys() -> KeySet<Access> {
    KeySet::from_json(access_key_set()).unwrap()
}

/// Made once, since RSA keys are slow to make.
fn access_key_set() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| {
        keygen::access_key_set(NOW, &mut StdRng::seed_from_u64(1))
            .unwrap()
            .to_string()
    })
}

fn refresh_keys() -> KeySet<Refresh> {
    KeySet::from_json(&keygen::refresh_key_set(NOW, &mut StdRng::seed_from_u64(2))).unwrap()
}

fn access_verifier() -> Verifier<Access> {
    Verifier::access(issuer(), audience(), access_keys().jwks().verifying_keys().unwrap())
}

fn refresh_verifier() -> Verifier<Refresh> {
    Verifier::refresh(issuer(), refresh_keys().verifying_keys())
}

fn access_draft() -> Draft<Access> {
    Draft {
        iss: issuer(),
        aud: audience(),
        sub: "user-1".parse().unwrap(),
        sid: "session-1".parse().unwrap(),
        jti: "token-1".parse().unwrap(),
        iat: NOW,
        exp: NOW.plus(LIFE),
        own: AccessClaims {
            client_id: "gatehouse".parse().unwrap(),
            scope: "reports:read".parse().unwrap(),
            role: "analyst".parse().unwrap(),
            email: "Ada@example.com".into(),
            auth_time: NOW,
            epoch: 0,
            custom: Map::from_iter([("tenant".to_owned(), json!({"id": 7}))]),
        },
    }
}

fn refresh_draft() -> Draft<Refresh> {
    let sid = "session-1".parse().unwrap();
    Draft {
        iss: issuer(),
        aud: issuer().as_audience(),
        sub: "user-1".parse().unwrap(),
        jti: TokenId::of_generation(&sid, 0),
        sid,
        iat: NOW,
        exp: NOW.plus(LIFE),
        own: RefreshClaims {
            generation: 0,
            delivery: Delivery::Body,
        },
    }
}

/// A good token whose header and claims were changed after signing.
fn forge(change: impl FnOnce(&mut Map<String, Value>, &mut Map<String, Value>)) -> String {
    let token = access_keys().sign(&access_draft()).unwrap();
    let parts: Vec<&str> = token.expose().split('.').collect();
    let [header, claims] = [parts[0], parts[1]].map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let [mut header, mut claims] = [header, claims].map(|json| serde_json::from_slice(&json).unwrap());
    change(&mut header, &mut claims);
    let [header, claims] = [header, claims].map(|object| URL_SAFE_NO_PAD.encode(serde_json::to_vec(&object).unwrap()));
    format!("{header}.{claims}.{}", parts[2])
}

/// A token with changed claims under a good signature.
fn resign(change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let forged = forge(|_, claims| change(claims));
    let (signed, _) = forged.rsplit_once('.').unwrap();
    let document: Value = serde_json::from_str(access_key_set()).unwrap();
    let key = SigningKey::rs256(document["keys"][0]["pkcs8"].as_str().unwrap()).unwrap();
    format!(
        "{signed}.{}",
        URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).unwrap())
    )
}
