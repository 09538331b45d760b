//! The code in `docs/routes.md` with which a function asks its caller to authenticate again (RFC 9470 s3).

use lambda_http::{aws_lambda_events::apigw::ApiGatewayV2httpRequestContext, request::RequestContext};
use rstest::rstest;
use serde_json::{Value, json};

include!("../../../../examples/step-up/challenge.rs");

const NOW: u64 = 1_700_000_000;

#[rstest]
#[case::two_factors(json!({"acr": "aal2", "auth_time": "1699999400"}), true)]
#[case::passkey(json!({"acr": "phr", "auth_time": "1700000000"}), true)]
#[case::clock_of_another(json!({"acr": "aal2", "auth_time": "1700000005"}), true)]
#[case::too_old(json!({"acr": "aal2", "auth_time": "1699999399"}), false)]
#[case::one_factor(json!({"acr": "aal1", "auth_time": "1700000000"}), false)]
#[case::unknown_assurance(json!({"acr": "aal3", "auth_time": "1700000000"}), false)]
#[case::no_assurance(json!({"auth_time": "1700000000"}), false)]
#[case::no_time(json!({"acr": "aal2"}), false)]
#[case::no_number(json!({"acr": "aal2", "auth_time": "soon"}), false)]
#[case::no_authorizer(Value::Null, false)]
fn a_caller_without_two_recent_factors_is_challenged(#[case] claims: Value, #[case] passes: bool) {
    let answer = challenge(&request(&claims), NOW);

    assert_eq!(answer.is_none(), passes);
    if let Some(answer) = answer {
        let expected = "Bearer error=\"insufficient_user_authentication\", \
            error_description=\"confirm that it is you\", acr_values=\"aal2\", max_age=\"600\"";
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["www-authenticate"], expected);
    }
}

#[test]
fn the_documented_code_is_the_one_that_is_tested() {
    let (text, code) = (
        include_str!("../../../../docs/routes.md"),
        include_str!("../../../../examples/step-up/challenge.rs"),
    );

    assert!(text.contains(&format!("```rust\n{code}```\n")));
}

fn request(claims: &Value) -> Request {
    let context: ApiGatewayV2httpRequestContext =
        serde_json::from_value(json!({"http": {"method": "GET"}, "authorizer": {"lambda": claims}})).unwrap();
    Request::default().with_request_context(RequestContext::ApiGatewayV2(context))
}
