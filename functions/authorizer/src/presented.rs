//! The tokens of a caller, from each place where an event can have them.

use crate::object::Object;

/// Every value from the places where a token may be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Presented {
    /// Whether the format of the event is known.
    pub(crate) understood: bool,
    /// The values of the header `Authorization`.
    pub(crate) authorization: Vec<String>,
    /// The values of the query parameter that may contain the token, if one is configured.
    pub(crate) parameter: Vec<String>,
}

pub(crate) fn in_headers(event: &Object<'_>) -> Presented {
    Presented {
        understood: true,
        authorization: authorization(event),
        parameter: Vec::new(),
    }
}

/// Returns the values in an event of format 1.0. They come from the header `Authorization`. If there is no such header,
/// the value is the string in which the gateway joins the values of the API's identity sources.
pub(crate) fn in_headers_or_identity(event: &Object<'_>) -> Presented {
    let presented = in_headers(event);
    if presented.authorization.is_empty() {
        return in_authorization_token(event);
    }
    presented
}

pub(crate) fn in_authorization_token(event: &Object<'_>) -> Presented {
    Presented {
        authorization: event.strings(|name| name == "authorizationToken"),
        ..in_headers(&Object::default())
    }
}

pub(crate) fn in_headers_or_query(event: &Object<'_>, parameter: Option<&str>) -> Presented {
    let is_wanted = |name: &str| Some(name) == parameter;
    Presented {
        parameter: single_and_multiple(
            event,
            "queryStringParameters",
            "multiValueQueryStringParameters",
            is_wanted,
        ),
        ..in_headers(event)
    }
}

/// Returns every value of the header `Authorization`. The header's name may have any mixture of upper and lower case,
/// because the event has it as the caller wrote it.
fn authorization(event: &Object<'_>) -> Vec<String> {
    let is_wanted = |name: &str| name.eq_ignore_ascii_case("authorization");
    single_and_multiple(event, "headers", "multiValueHeaders", is_wanted)
}

/// Returns all values with a wanted name. The map `single` has only the last value of each name, and the map `multiple`
/// has all values. Either map may be missing. If the maps agree, only the values in `multiple` are returned.
fn single_and_multiple(
    event: &Object<'_>,
    single: &str,
    multiple: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut values = event.object(multiple).values(&is_wanted);
    let singles = event.object(single).strings(&is_wanted);
    if singles.len() > 1 || singles.iter().any(|value| !values.contains(value)) {
        values.extend(singles);
    }
    values
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use crate::event::{Question, Wording};

    const ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/reports/7";

    #[rstest]
    #[case::rest_token(json!({"type": "TOKEN", "authorizationToken": "a"}), &["a"])]
    #[case::rest_token_elsewhere(json!({"type": "TOKEN", "headers": {"authorization": "a"}}), &[])]
    #[case::rest_token_of_another_type(json!({"type": "TOKEN", "authorizationToken": 1}), &[""])]
    #[case::rest_token_list(json!({"type": "TOKEN", "authorizationToken": ["a"]}), &[""])]
    #[case::rest_token_empty_list(json!({"type": "TOKEN", "authorizationToken": []}), &[""])]
    #[case::rest_token_null(json!({"type": "TOKEN", "authorizationToken": null}), &[])]
    #[case::any_case(json!({"type": "REQUEST", "headers": {"aUTHORIZATION": "a"}}), &["a"])]
    #[case::both_maps(request(&json!({"Authorization": "a"}), &json!({"Authorization": ["a"]})), &["a"])]
    #[case::all_of_many(request(&json!({"Authorization": "b"}), &json!({"Authorization": ["a", "b"]})), &["a", "b"])]
    #[case::twice_the_same(request(&json!({"Authorization": "a"}), &json!({"Authorization": ["a", "a"]})), &["a", "a"])]
    #[case::maps_at_odds(request(&json!({"Authorization": "b"}), &json!({"authorization": ["a"]})), &["a", "b"])]
    #[case::two_cases(request(&json!({"Authorization": "a", "authorization": "a"}), &json!(null)), &["a", "a"])]
    #[case::two_cases_of_many(request(&json!(null), &json!({"Authorization": ["a"], "authorization": ["b"]})), &["a", "b"])]
    #[case::only_in_the_single_map(request(&json!({"Authorization": "a"}), &json!({"host": ["x"]})), &["a"])]
    #[case::not_a_string(request(&json!(null), &json!({"Authorization": ["a", {}]})), &["a", ""])]
    #[case::list_in_the_single_map(request(&json!({"Authorization": ["a"]}), &json!(null)), &[""])]
    #[case::null_maps(request(&json!(null), &json!(null)), &[])]
    #[case::odd_maps(request(&json!([]), &json!("x")), &[])]
    #[case::query_and_body(json!({"type": "REQUEST", "queryStringParameters": {"authorization": "a"}, "body": "a"}), &[])]
    #[case::http_2_identity_source(json!({"version": "2.0", "identitySource": ["Bearer a"]}), &[])]
    #[case::http_2_cookie(json!({"version": "2.0", "cookies": ["authorization=a"]}), &[])]
    #[case::http_1_header(json!({"version": "1.0", "headers": {"authorization": "a"}, "authorizationToken": "a,b"}), &["a"])]
    #[case::http_1_identity(json!({"version": "1.0", "authorizationToken": "a"}), &["a"])]
    #[case::http_1_identity_list(json!({"version": "1.0", "authorizationToken": ["a"]}), &[""])]
    #[case::http_2_list(json!({"version": "2.0", "headers": {"authorization": ["a"]}}), &[""])]
    fn every_value_of_the_header_is_found_and_no_other(#[case] event: Value, #[case] expected: &[&str]) {
        let presented = read(&event).presented;

        assert_eq!(presented.authorization, expected);
        assert!(presented.parameter.is_empty());
    }

    #[test]
    fn a_header_that_is_written_twice_counts_twice() {
        let event = r#"{"type":"REQUEST","headers":{"authorization":"a","authorization":"a"}}"#;
        let question = Question::read(event, Wording::Simple, None);

        assert_eq!(question.presented.authorization, ["a", "a"]);
    }

    #[test]
    fn a_websocket_token_is_read_from_the_named_parameter_on_connect() {
        let ask = |kind: &str, parameter| {
            let event = json!({
                "type": "REQUEST",
                "requestContext": {"eventType": kind},
                "queryStringParameters": {"token": "b", "Token": "c"},
                "multiValueQueryStringParameters": {"token": ["a", "b"]},
            });
            let question = Question::read(&event.to_string(), Wording::Simple, parameter);
            question.presented.parameter
        };

        assert_eq!(ask("CONNECT", Some("token")), ["a", "b"]);
        assert_eq!(ask("CONNECT", Some("Token")), ["c"]);
        assert!(ask("CONNECT", None).is_empty());
        assert!(ask("MESSAGE", Some("token")).is_empty());
    }

    fn read(event: &Value) -> Question {
        Question::read(&event.to_string(), Wording::Simple, None)
    }

    fn request(headers: &Value, multiple: &Value) -> Value {
        json!({"type": "REQUEST", "methodArn": ARN, "headers": headers, "multiValueHeaders": multiple})
    }
}
