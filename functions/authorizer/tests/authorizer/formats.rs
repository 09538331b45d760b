//! The places of a token in each format of an event, and other members that an event may have.

use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{NOW, STAGE, ask, ask_with, http_1, http_2, rest_request, token, web_socket};

#[rstest]
#[case("Authorization")]
#[case("authorization")]
#[case("AUTHORIZATION")]
#[case("aUtHoRiZaTiOn")]
fn the_name_of_the_header_is_case_insensitive(#[case] name: &str) {
    for (event, multiple) in [
        (http_2(""), false),
        (http_1(""), false),
        (rest_request(""), true),
        (web_socket(""), true),
    ] {
        let mut event = event;
        event["headers"] = json!({"host": "x", name: bearer()});
        event["multiValueHeaders"] = if multiple {
            json!({name: [bearer()]})
        } else {
            json!(null)
        };

        assert!(accepts(&event), "{event}");
    }
}

#[test]
fn two_headers_are_never_one_token() {
    let (good, other) = (bearer(), "Bearer x.y.z".to_owned());
    for values in [[&good, &good], [&good, &other], [&other, &good]] {
        let joined = format!("{},{}", values[0], values[1]);
        for event in [http_2(&joined), http_1(&joined)] {
            assert_refused(&event, "several_tokens");
        }
        for mut event in [rest_request(values[1]), web_socket(values[1])] {
            event["multiValueHeaders"] = json!({"Authorization": values});
            assert_refused(&event, "several_tokens");
            event["multiValueHeaders"] = json!({"Authorization": [values[0]], "authorization": [values[1]]});
            assert_refused(&event, "several_tokens");
        }
    }
}

/// A header that is not well-formed is refused, even if a good token appears somewhere in its value.
#[rstest]
#[case::folded("Bearer\r\n {}")]
#[case::tab("Bearer\t{}")]
#[case::null("Bearer {}\0")]
#[case::second_scheme("Bearer Bearer {}")]
#[case::second_scheme("Basic Bearer {}")]
#[case::parameters("Bearer token={}")]
#[case::quoted("Bearer \"{}\"")]
#[case::padded("Bearer {}=")]
#[case::behind("{}")]
#[case::before(" Bearer {}")]
#[case::after("Bearer {} x")]
#[case::semicolon("Bearer {};x")]
#[case::wide_space("Bearer\u{a0}{}")]
#[case::wide_letters("\u{ff22}earer {}")]
#[case::header_in_header("x\r\nAuthorization: Bearer {}")]
fn a_token_is_not_smuggled_in(#[case] header: &str) {
    let authorization = header.replace("{}", &token(NOW));

    for event in [
        http_2(&authorization),
        http_1(&authorization),
        rest_request(&authorization),
        web_socket(&authorization),
    ] {
        assert!(!accepts(&event), "{event}");
    }
}

#[rstest]
#[case::query(json!({"queryStringParameters": {"authorization": bearer(), "access_token": token(NOW)}}))]
#[case::queries(json!({"multiValueQueryStringParameters": {"Authorization": [bearer()]}}))]
#[case::raw_query(json!({"rawQueryString": format!("access_token={}", token(NOW))}))]
#[case::cookies(json!({"cookies": [format!("authorization={}", bearer())]}))]
#[case::cookie(json!({"headers": {"cookie": format!("authorization={}", bearer())}}))]
#[case::body(json!({"body": bearer()}))]
#[case::identity_source(json!({"identitySource": [bearer()]}))]
#[case::path(json!({"pathParameters": {"authorization": bearer()}, "path": bearer()}))]
#[case::stage(json!({"stageVariables": {"Authorization": bearer()}}))]
#[case::context(json!({"requestContext": {"authorizer": {"authorization": bearer()}}}))]
#[case::other_header(json!({"headers": {"x-authorization": bearer(), "proxy-authorization": bearer()}}))]
#[case::similar_header(json!({"headers": {"authorization ": bearer(), "authorisation": bearer(), "authorization\u{0}": bearer()}}))]
#[case::nested(json!({"headers": {"authorization": {"authorization": bearer()}}}))]
fn a_token_in_any_other_place_is_ignored(#[case] place: Value) {
    for mut event in [http_2(""), http_1(""), rest_request(""), web_socket("")] {
        for member in ["headers", "multiValueHeaders", "authorizationToken", "identitySource"] {
            event[member] = json!(null);
        }
        for (name, value) in place.as_object().unwrap() {
            event[name] = value.clone();
        }

        assert!(!accepts(&event), "{event}");
    }
}

#[test]
fn a_websocket_token_in_the_query_needs_configuration() {
    const SETTINGS: [(&str, &str); 1] = [("AUTHORIZER_QUERY_PARAMETER", "access_token")];
    let query = json!({"access_token": token(NOW)});
    let with_query = |mut event: Value, header: bool| {
        event["queryStringParameters"] = query.clone();
        if !header {
            event["headers"] = json!(null);
            event["multiValueHeaders"] = json!(null);
        }
        event
    };
    let asked = |settings: &[(&str, &str)], event: &Value| ask_with(settings, &[], &event.to_string());

    let connect = with_query(web_socket(""), false);
    assert!(asked(&SETTINGS, &connect).0.is_ok());
    assert_eq!(asked(&[], &connect).1, ["no_token"]);

    let both = with_query(web_socket(&bearer()), true);
    assert_eq!(asked(&SETTINGS, &both).1, ["several_tokens"]);
    assert!(asked(&[], &both).0.is_ok(), "what is not configured is not looked at");

    let mut twice = connect.clone();
    twice["multiValueQueryStringParameters"] = json!({"access_token": [token(NOW), token(NOW)]});
    assert_eq!(asked(&SETTINGS, &twice).1, ["several_tokens"]);

    let mut with_scheme = connect;
    with_scheme["queryStringParameters"] = json!({"access_token": bearer()});
    assert_eq!(asked(&SETTINGS, &with_scheme).1, ["not_compact"]);

    for event in [http_2(""), rest_request("")] {
        assert_eq!(asked(&SETTINGS, &with_query(event, false)).1, ["no_token"]);
    }
}

#[test]
fn a_websocket_policy_covers_its_stage() {
    let (answer, _) = ask(&web_socket(&bearer()).to_string());

    let resources = &answer.unwrap()["policyDocument"]["Statement"][0]["Resource"];
    assert_eq!(resources, &json!([format!("{STAGE}/*")]));
}

/// AWS adds and removes members over the years, which must not cause a failure.
#[test]
fn what_else_an_event_holds_does_not_matter() {
    let odd = r#"{"\ud800":"\udfff","null":null,"deep":[[[[[[]]]]]],"number":1e400,"control":"\u0000\u001f"}"#;
    for event in [
        http_2(&bearer()),
        http_1(&bearer()),
        rest_request(&bearer()),
        web_socket(&bearer()),
    ] {
        let text = event.to_string();
        let with = |member: &str| text.replacen('{', &format!(r#"{{"{member}":{odd},"#), 1);

        for member in [
            "extra",
            "pathParameters",
            "stageVariables",
            "cookies",
            "body",
            "queryStringParameters",
        ] {
            let (answer, log) = ask(&with(member));

            assert!(answer.is_ok() && log.is_empty(), "{member} {answer:?} {log:?}");
        }
    }
}

#[test]
fn maps_that_are_null_or_no_maps_are_empty() {
    for odd in [
        json!(null),
        json!([]),
        json!("x"),
        json!(1),
        json!(true),
        json!([[null]]),
    ] {
        for mut event in [http_2(""), http_1(""), rest_request(""), web_socket("")] {
            for member in [
                "headers",
                "multiValueHeaders",
                "queryStringParameters",
                "authorizationToken",
            ] {
                event[member] = odd.clone();
            }

            assert!(!accepts(&event), "{event}");
        }
    }
}

fn bearer() -> String {
    format!("Bearer {}", token(NOW))
}

fn accepts(event: &Value) -> bool {
    let (answer, log) = ask(&event.to_string());
    let accepted = answer.as_ref().is_ok_and(|answer| {
        answer["isAuthorized"] == true || answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    });
    assert_eq!(accepted, log.is_empty(), "{event} {answer:?}");
    accepted
}

fn assert_refused(event: &Value, reason: &str) {
    assert!(!accepts(event), "{event}");
    assert_eq!(ask(&event.to_string()).1, [reason], "{event}");
}
