//! Link tokens: each use, what passes for another, their length, and the tags of their keys.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{
    Algorithm, Device, DeviceClaims, Draft, Issuer, KeySet, Link, LinkBinding, LinkClaims, Refresh, Refusal, SignError,
    SigningKey, Span, Timestamp, TokenKind as _, UserId, Verifier,
};
use rstest::rstest;
use serde_json::{Map, Value, json};

use crate::harness::{NOW, SECRET, access, parts, refresh_draft, seal, verify};

/// A random secret in base64url, other than [`SECRET`].
const OTHER: &str = "Zq7vR0xk3mT9bLw2yHcN5sJdPf8uEaGi1oXtKnBzVrM";
/// The length of a sealed address in base64url.
const SEALED: usize = 466;
/// The longest key id.
const KID: &str = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";

#[test]
fn every_use_is_read_as_it_was_signed() {
    for own in uses() {
        let draft = draft(own.clone());
        let token = keys(SECRET).sign(&draft).unwrap();

        let claims = verify(&verifier(), token.expose(), NOW).unwrap();

        assert_eq!(claims.own(), &own);
        assert_eq!((claims.sub(), claims.jti()), (&draft.sub, &draft.jti));
        assert_eq!((claims.iat(), claims.exp()), (draft.iat, draft.exp));
        let decoded = decoded(token.expose());
        assert_eq!(
            (&decoded["use"], &decoded["aud"]),
            (&json!(name(&own)), &json!("joe#link"))
        );
    }
}

#[test]
fn the_uses_are_those_that_are_documented() {
    let names: Vec<&str> = uses().iter().map(name).collect();

    assert_eq!(
        names,
        [
            "register",
            "invite",
            "reset",
            "address_old",
            "address_new",
            "keep_account"
        ]
    );
}

/// The same secret signs refresh, device and link tokens.
#[test]
fn a_link_is_no_other_kind_of_token_and_no_other_kind_is_a_link() {
    let (keys, verifying) = (keys(SECRET), keys(SECRET).verifying_keys());
    let link = keys.sign(&draft(uses().swap_remove(2))).unwrap();
    let device = keys.sign(&device_draft()).unwrap();
    let refresh = keys
        .sign(&Draft {
            iss: issuer(),
            aud: issuer().as_audience(),
            ..refresh_draft()
        })
        .unwrap();
    let as_refresh = Verifier::refresh(issuer(), verifying);
    let as_device = Verifier::device(issuer(), keys.verifying_keys());

    assert_eq!(verify(&as_refresh, link.expose(), NOW).unwrap_err(), Refusal::WrongType);
    assert_eq!(verify(&as_device, link.expose(), NOW).unwrap_err(), Refusal::WrongType);
    for other in [device.expose(), refresh.expose(), &access(Algorithm::HS256).token()] {
        assert_eq!(verify(&verifier(), other, NOW).unwrap_err(), Refusal::WrongType);
    }
    assert!(verify(&as_refresh, refresh.expose(), NOW).is_ok());
    assert!(verify(&as_device, device.expose(), NOW).is_ok());
}

/// Even with the type of a link, a token for another audience is none.
#[rstest]
#[case("joe")]
#[case("joe#device")]
#[case("jane#link")]
fn a_link_is_for_one_audience(#[case] audience: &str) {
    let forged = forge(&uses().swap_remove(2), |claims| {
        claims.insert("aud".to_owned(), json!(audience));
    });

    assert_eq!(verify(&verifier(), &forged, NOW).unwrap_err(), Refusal::WrongAudience);
}

/// A token has the members of one use and the name of another. If all members of the named use are there, it is read as
/// that use alone, and else it is refused.
#[test]
fn the_name_of_a_use_decides_what_is_read() {
    for own in uses() {
        for other in uses() {
            let renamed = forge(&own, |claims| {
                claims.insert("use".to_owned(), json!(name(&other)));
            });

            let read = verify(&verifier(), &renamed, NOW).map(|claims| claims.own().clone());

            let members = json!(own).as_object().unwrap().clone();
            let needed = json!(other).as_object().unwrap().clone();
            match read {
                Ok(read) => {
                    assert_eq!(name(&read), name(&other));
                    assert!(
                        needed.keys().all(|member| members.contains_key(member)),
                        "{own:?} as {other:?}"
                    );
                }
                Err(refusal) => {
                    assert_eq!(refusal, Refusal::MalformedOwnClaims);
                    assert!(
                        needed.keys().any(|member| !members.contains_key(member)),
                        "{own:?} as {other:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_link_without_one_of_its_members_or_with_a_wrong_one_is_refused() {
    for own in uses() {
        for member in json!(own).as_object().unwrap().keys() {
            for value in [None, Some(json!(null)), Some(json!([7])), Some(json!({}))] {
                let forged = forge(&own, |claims| {
                    claims.remove(member);
                    claims.extend(value.clone().map(|value| (member.clone(), value)));
                });

                let refusal = verify(&verifier(), &forged, NOW).map(drop).unwrap_err();

                assert_eq!(refusal, Refusal::MalformedOwnClaims, "{own:?}: {member} is {value:?}");
            }
        }
    }
}

#[rstest]
#[case("Reset")]
#[case("reset ")]
#[case("")]
#[case("undo")]
#[case("notice")]
fn an_unknown_use_is_refused(#[case] unknown: &str) {
    for own in uses() {
        let forged = forge(&own, |claims| {
            claims.insert("use".to_owned(), json!(unknown));
        });

        assert_eq!(
            verify(&verifier(), &forged, NOW).unwrap_err(),
            Refusal::MalformedOwnClaims
        );
    }
}

#[test]
fn a_link_is_over_when_its_life_and_the_leeway_are() {
    let token = keys(SECRET).sign(&draft(uses().swap_remove(2))).unwrap();
    let end = draft(uses().swap_remove(2)).exp;
    let at = |now| verify(&verifier(), token.expose(), now).map(drop);

    assert_eq!(at(end.plus(Span::seconds(29))), Ok(()));
    assert_eq!(at(end.plus(Span::seconds(30))), Err(Refusal::Expired));
    assert_eq!(Link::MAX_LIFE, Span::seconds(31 * 24 * 60 * 60));
    assert_eq!(
        Refresh::MAX_USE,
        Device::MAX_LIFE,
        "a key is kept for as long as anything it signed may be used"
    );
    assert!(Link::MAX_LIFE < Refresh::MAX_USE);
}

/// All names are as long as they can be, and the sealed address always has one length.
#[rstest]
#[case::register(LinkClaims::Register { mail: sealed() }, 36)]
#[case::reset(LinkClaims::Reset(binding()), 100)]
#[case::address_old(LinkClaims::AddressOld { bound: binding(), mail: sealed() }, 100)]
#[case::address_new(LinkClaims::AddressNew { bound: binding(), mail: sealed() }, 100)]
#[case::keep_account(keep_account(), 100)]
fn the_longest_link_of_every_use_fits(#[case] own: LinkClaims, #[case] user_id: usize) {
    let token = longest(own, user_id).unwrap();

    assert!(token.len() <= Link::MAX_LENGTH, "{}", token.len());
}

/// A role and a scope of [`MAX_GRANT`] bytes fit into an invitation. One more byte does not.
#[test]
fn an_invitation_fits_if_its_role_and_scope_together_are_short() {
    /// The length to which `auth::mail::Grant` limits them.
    const MAX_GRANT: usize = 173;
    let invitation = |scope: usize| LinkClaims::Invite {
        mail: sealed(),
        role: "r".repeat(100).parse().unwrap(),
        scope: "s".repeat(scope).parse().unwrap(),
    };

    let fits = longest(invitation(MAX_GRANT - 100), 36).unwrap();

    assert!(fits.len() > Link::MAX_LENGTH - 2);
    assert_eq!(
        longest(invitation(MAX_GRANT - 99), 36),
        Err(SignError::TooLong { limit: 1536 })
    );
}

#[test]
fn a_tag_depends_on_its_key_its_label_and_its_message() {
    let tag = |keys: &KeySet<Refresh>, label, message: &[u8]| keys.tag(NOW, label, message).unwrap();
    let own = keys(SECRET);

    let one = tag(&own, "code", b"message");

    assert_eq!((one.len(), &one), (32, &tag(&own, "code", b"message")));
    for other in [
        tag(&keys(OTHER), "code", b"message"),
        tag(&own, "user", b"message"),
        tag(&own, "code", b"other"),
        tag(&own, "code", b""),
        tag(&own, "cod", b"emessage"),
        tag(&own, "", b"code\nmessage"),
    ] {
        assert_ne!(one, other);
    }
}

#[test]
fn a_tag_is_made_with_the_key_that_was_active_then() {
    let json = format!(
        r#"{{"keys":[{{"kid":"a","alg":"HS256","k":"{SECRET}","activates_at":100,"retires_at":900}},
            {{"kid":"b","alg":"HS256","k":"{OTHER}","activates_at":500}}]}}"#
    );
    let both = KeySet::<Refresh>::from_json(&json).unwrap();
    let tag = |at| both.tag(Timestamp::new(at), "code", b"message");

    assert_eq!(tag(99), Err(SignError::NoActiveKey));
    assert_eq!(tag(100), keys(SECRET).tag(NOW, "code", b"message"));
    assert_eq!(tag(499), tag(100));
    assert_eq!(tag(500), keys(OTHER).tag(NOW, "code", b"message"));
}

/// A tag of what is signed in a token is not the signature, whatever the label is and wherever the input is split.
#[test]
fn no_tag_is_the_signature_of_a_token() {
    let own = keys(SECRET);
    let token = own.sign(&draft(uses().swap_remove(2))).unwrap();
    let [header, claims, signature] = parts(token.expose());
    let input = format!("{header}.{claims}");
    for label in ["", "code", "new user"] {
        for message in [input.as_str(), &input[1..], claims] {
            let tag = own.tag(NOW, label, message.as_bytes()).unwrap();

            let forged = format!("{input}.{}", URL_SAFE_NO_PAD.encode(&tag));
            assert_ne!(parts(&forged)[2], signature);
            assert_eq!(verify(&verifier(), &forged, NOW).unwrap_err(), Refusal::BadSignature);
        }
    }
}

fn uses() -> Vec<LinkClaims> {
    vec![
        LinkClaims::Register {
            mail: "sealed".to_owned(),
        },
        LinkClaims::Invite {
            mail: "sealed".to_owned(),
            role: "admin".parse().unwrap(),
            scope: "reports:read".parse().unwrap(),
        },
        LinkClaims::Reset(binding()),
        LinkClaims::AddressOld {
            bound: binding(),
            mail: "sealed".to_owned(),
        },
        LinkClaims::AddressNew {
            bound: binding(),
            mail: "sealed".to_owned(),
        },
        keep_account(),
    ]
}

/// Returns the name of a use.
const fn name(own: &LinkClaims) -> &'static str {
    match own {
        LinkClaims::Register { .. } => "register",
        LinkClaims::Invite { .. } => "invite",
        LinkClaims::Reset(_) => "reset",
        LinkClaims::AddressOld { .. } => "address_old",
        LinkClaims::AddressNew { .. } => "address_new",
        LinkClaims::KeepAccount { .. } => "keep_account",
    }
}

fn keep_account() -> LinkClaims {
    let LinkBinding { address, .. } = binding();
    LinkClaims::KeepAccount { address }
}

fn binding() -> LinkBinding {
    LinkBinding {
        password_changed_at: Timestamp::new(99_999_999_999),
        address: "a".repeat(22),
    }
}

fn sealed() -> String {
    "m".repeat(SEALED)
}

fn issuer() -> Issuer {
    "joe".parse().unwrap()
}

fn draft(own: LinkClaims) -> Draft<Link> {
    Draft {
        iss: issuer(),
        aud: issuer().as_link_audience(),
        sub: "user-1".parse().unwrap(),
        jti: "token-1".parse().unwrap(),
        iat: NOW,
        exp: NOW.plus(Span::seconds(1_800)),
        own,
    }
}

fn device_draft() -> Draft<Device> {
    Draft {
        iss: issuer(),
        aud: issuer().as_device_audience(),
        sub: "user-1".parse().unwrap(),
        jti: "token-1".parse().unwrap(),
        iat: NOW,
        exp: NOW.plus(Span::seconds(1_800)),
        own: DeviceClaims {
            device: "device-1".parse().unwrap(),
            password_changed_at: NOW,
            second_at: None,
            second_epoch: None,
        },
    }
}

/// Signs a link with the longest names that there are, for a user whose id has this length.
fn longest(own: LinkClaims, user_id: usize) -> Result<String, SignError> {
    let iss = Issuer::parse("i".repeat(100)).unwrap();
    let late = Timestamp::new(99_999_999_999);
    let json = format!(r#"{{"keys":[{{"kid":"{KID}","alg":"HS256","activates_at":0,"k":"{SECRET}"}}]}}"#);
    let draft: Draft<Link> = Draft {
        aud: iss.as_link_audience(),
        iss,
        sub: UserId::parse("s".repeat(user_id)).unwrap(),
        jti: "j".repeat(36).parse().unwrap(),
        iat: late,
        exp: late,
        own,
    };
    let token = KeySet::<Refresh>::from_json(&json).unwrap().sign(&draft)?;
    Ok(token.expose().to_owned())
}

fn keys(secret: &str) -> KeySet<Refresh> {
    let json = format!(r#"{{"keys":[{{"kid":"one","alg":"HS256","activates_at":0,"k":"{secret}"}}]}}"#);
    KeySet::from_json(&json).unwrap()
}

fn verifier() -> Verifier<Link> {
    Verifier::link(issuer(), keys(SECRET).verifying_keys())
}

/// Returns a link with a valid signature, whose claims `change` has changed.
fn forge(own: &LinkClaims, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let token = keys(SECRET).sign(&draft(own.clone())).unwrap();
    let mut claims = decoded(token.expose());
    change(&mut claims);
    let header = json!({"typ": "lt+jwt", "kid": "one", "alg": "HS256"}).to_string();
    let key = SigningKey::hs256(SECRET).unwrap();
    let claims = Value::Object(claims).to_string();
    seal(header.as_bytes(), claims.as_bytes(), |input| key.sign(input).unwrap())
}

fn decoded(token: &str) -> Map<String, Value> {
    let bytes = URL_SAFE_NO_PAD.decode(parts(token)[1]).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}
