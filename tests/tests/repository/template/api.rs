//! The API, its authorizer, and the proxy of the examples.

use std::collections::BTreeMap;

use local::Template;
use serde_json::{Value, json};
use tests::template;

use crate::{path, read};

#[test]
fn an_api_behind_a_proxy_has_no_other_name() {
    for (execute_api, hidden) in [("on", false), ("off", true)] {
        let template = template(&[
            ("ExecuteApi", execute_api),
            ("DomainName", "auth.example.com"),
            ("CertificateArn", "arn:aws:acm:eu-west-1:000000000000:certificate/one"),
        ]);

        let property = |resource: &str, name: &str| template.resource(resource).unwrap()["Properties"][name].clone();
        assert_eq!(property("Api", "DisableExecuteApiEndpoint"), json!(hidden));
        assert_eq!(property("Domain", "DomainName"), "auth.example.com");
        assert_eq!(property("DomainMapping", "Stage"), "Api.Stage");
    }
}

#[test]
fn the_proxy_of_the_examples_keeps_nothing_that_can_hold_a_token() {
    let text = read("examples/cloudfront.yaml");

    let (_, fields) = text.split_once("RecordFields: [").unwrap();
    let (fields, _) = fields.split_once(']').unwrap();
    for field in ["query", "uri", "Cookie", "Referer"] {
        assert!(!fields.contains(field), "{field}");
    }
    assert!(!text.contains("SampledRequestsEnabled: true"));
    assert!(!text.contains("Logging:"), "standard logs have the query");
}

#[test]
fn the_proxy_of_the_examples_sends_its_key_and_the_address_of_the_caller() {
    let text = read("examples/cloudfront.yaml").to_lowercase();

    let source = read("shared/api/src/edge.rs");
    let headers = source
        .split("from_static(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let headers: Vec<&str> = headers.collect();
    assert_eq!(headers.len(), 2);
    for header in headers {
        assert!(text.contains(header), "{header}");
    }
}

#[test]
fn the_permission_and_the_cache_of_the_authorizer_are_right() {
    let template = template(&[]);
    let (_, api) = template.of_type("AWS::Serverless::HttpApi").next().unwrap();

    for (name, authorizer) in api["Auth"]["Authorizers"].as_object().unwrap() {
        assert_eq!(authorizer["EnableFunctionDefaultPermissions"], json!(true), "{name}");
        let context: Vec<&Value> = authorizer["Identity"]["Context"].as_array().unwrap().iter().collect();
        assert_eq!(
            context,
            ["routeKey"],
            "{name}: a simple answer must be cached for its route only"
        );
    }
}

#[test]
fn the_authorizer_answers_as_the_gateway_expects() {
    for (response, simple) in [("simple", true), ("policy", false)] {
        let template = template(&[("AuthorizerResponse", response)]);

        let (_, api) = template.of_type("AWS::Serverless::HttpApi").next().unwrap();
        let authorizer = &api["Auth"]["Authorizers"]["AccessToken"];
        let functions = template.functions().unwrap();
        assert_eq!(authorizer["EnableSimpleResponses"], json!(simple));
        assert_eq!(
            functions["AuthorizerFunction"].variables["AUTHORIZER_RESPONSE"],
            response
        );
    }
}

#[test]
fn origins_reach_cors_and_the_functions_and_there_may_be_none() {
    let cors = template(&[]).api().unwrap().cors.unwrap();
    assert_eq!(cors.origins, ["https://app.example.com"]);
    assert!(cors.headers.contains(&"x-requested-with".to_owned()));
    assert_eq!(cors.exposed, ["retry-after", "www-authenticate", "apigw-requestid"]);

    let none = template(&[("AllowedOrigins", "")]);
    assert!(none.api().unwrap().cors.is_none());
    let functions = none.functions().unwrap();
    assert_eq!(functions["LoginFunction"].variables["ALLOWED_ORIGINS"], "");
}

#[test]
fn pages_are_off_until_someone_switches_them_on() {
    for (given, expected) in [
        (None, false),
        (Some(("Pages", "off")), false),
        (Some(("Pages", "on")), true),
    ] {
        let path = path("template.yaml");
        let parameters = BTreeMap::from([("Issuer", "https://issuer.example"), ("Audience", "dashboard")]);
        let template = Template::read(&path, &parameters.into_iter().chain(given).collect()).unwrap();

        let functions = template.functions().unwrap();
        assert_eq!(functions.contains_key("PagesFunction"), expected);
        assert_eq!(template.resource("PagesLogGroup").is_some(), expected);
        let routes = template.api().unwrap().routes;
        assert_eq!(routes.iter().any(|route| route.path == "/"), expected);
        for function in ["LoginFunction", "RefreshFunction", "LogoutFunction", "PasswordFunction"] {
            let pages = &functions[function].variables["PAGES"];
            assert_eq!(pages, if expected { "on" } else { "off" }, "{function}");
        }
    }
}

#[test]
fn a_page_needs_no_token() {
    let routes = template(&[]).api().unwrap().routes;
    let pages: Vec<_> = routes.iter().filter(|route| route.function == "pages").collect();

    assert!(!pages.is_empty());
    for route in pages {
        assert_eq!(route.authorizer, None, "{}", route.key());
        assert_eq!(route.method, "GET", "{}", route.key());
    }
}

#[test]
fn the_local_gateway_lists_what_it_does_not_imitate() {
    let api = template(&[]).api().unwrap();

    let mut not_imitated = api.not_imitated;
    not_imitated.sort_unstable();
    assert_eq!(
        not_imitated,
        [
            "Api.AccessLogSettings",
            "Api.Auth.Authorizers.AccessToken.EnableFunctionDefaultPermissions",
            "Api.DefaultRouteSettings",
            "Api.DisableExecuteApiEndpoint",
        ]
    );
}

#[test]
fn the_authorizer_is_exported_twice() {
    let text = read("template.yaml");

    assert!(text.contains("Name: !Sub ${AWS::StackName}-AuthorizerArn"));
    let template = template(&[]);
    let (_, parameter) = template.of_type("AWS::SSM::Parameter").next().unwrap();
    assert_eq!(parameter["Value"], "AuthorizerFunction.Arn");
}
