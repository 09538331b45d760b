//! The API, its authorizer, and the proxy of the examples.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use local::{AuthorizerAnswer, IdentitySource, Template};
use serde_json::json;
use tests::{template, variables};

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
        assert_eq!(property("DomainMapping", "Stage"), "ApiStage");
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
    let template = template(&[("AuthorizerCacheSeconds", "7")]);

    let (id, permission) = template
        .of_type("AWS::Lambda::Permission")
        .find(|(_, permission)| permission["FunctionName"] == "AuthorizerFunction.Alias")
        .unwrap();
    let source = permission["SourceArn"].as_str().unwrap();
    assert!(
        source.ends_with(":Api/authorizers/AccessTokenAuthorizer"),
        "{id}: {source}"
    );
    let authorizer = &template.api().unwrap().authorizers["AccessTokenAuthorizer"];
    assert_eq!(authorizer.cache, Duration::from_secs(7));
    assert!(
        authorizer.identity.contains(&IdentitySource::RouteKey),
        "a simple answer must be cached for its route only"
    );
}

/// SAM gives an API the permission to call a function for each event. Here the permission is a resource of its own.
#[test]
fn the_api_may_call_the_functions_of_its_routes_and_no_others() {
    let template = template(&[]);

    let allowed: BTreeSet<&str> = template
        .of_type("AWS::Lambda::Permission")
        .filter(|(_, permission)| {
            permission["SourceArn"]
                .as_str()
                .is_some_and(|arn| arn.ends_with(":Api/*/*"))
        })
        .map(|(_, permission)| permission["FunctionName"].as_str().unwrap())
        .collect();
    let called: BTreeSet<&str> = template
        .of_type("AWS::ApiGatewayV2::Integration")
        .map(|(_, integration)| integration["IntegrationUri"].as_str().unwrap())
        .collect();

    assert!(called.contains("LoginFunction.Arn"));
    assert_eq!(allowed, called);
}

/// A resource without the condition of its function refers to nothing in a stack without that function.
#[test]
fn a_function_and_its_routes_have_the_same_condition() {
    let template = template(&[
        ("MailVia", "none"),
        ("Registration", "off"),
        ("Pages", "off"),
        ("DeletionDays", "0"),
    ]);

    let routes = template.api().unwrap().routes;
    assert!(routes.iter().any(|route| route.function == "login"));
    assert!(
        !routes
            .iter()
            .any(|route| ["pages", "register", "delete-account"].contains(&route.function.as_str()))
    );
}

/// An API calls the alias, so that it gets a new version of the authorizer only bit by bit, and the one before if the new
/// one fails.
#[test]
fn every_reference_to_the_authorizer_names_its_alias() {
    let text = read("template.yaml");

    assert!(!text.contains("!GetAtt AuthorizerFunction.Arn"));
    assert!(!text.contains("DependsOn: AuthorizerFunction\n"));
    for (deployment, alarms) in [("Canary10Percent5Minutes", 2), ("AllAtOnce", 0)] {
        let template = template(&[("AuthorizerDeployment", deployment)]);
        let preference = &template.resource("AuthorizerFunction").unwrap()["Properties"]["DeploymentPreference"];
        assert_eq!(preference["Type"], deployment);
        assert_eq!(preference["Alarms"].as_array().map(Vec::len), Some(alarms));
    }
}

/// A version of a function keeps its environment, so each value that can change must be part of what makes a new one.
#[test]
fn a_parameter_of_the_authorizer_makes_a_new_version() {
    // The keys are too long for a description, so they have a parameter beside them.
    let instead = BTreeMap::from([("PinnedJwks", "AuthorizerRevision")]);
    let longest = "x".repeat(100);
    let most = [
        ("Issuer", longest.as_str()),
        ("Audience", &longest),
        ("AccessTokenAlgorithm", "RS256"),
        ("RevocationPollSeconds", "30"),
        ("RevocationFail", "closed"),
        ("AuthorizerResponse", "policy"),
        ("AuthorizerQueryParameter", &longest[..18]),
        ("AuthorizerCacheSeconds", "60"),
        ("AuthorizerRevision", &longest[..6]),
    ];
    let description = |parameters: &[(&str, &str)]| -> String {
        let template = template(parameters);
        let function = template.resource("AuthorizerFunction").unwrap();
        function["Properties"]["VersionDescription"]
            .as_str()
            .unwrap()
            .to_owned()
    };

    assert!(description(&most).len() <= 256);
    let mut parameters: Vec<String> = variables()
        .into_iter()
        .filter(|variable| variable.functions.contains(&"authorizer".to_owned()))
        .filter_map(|variable| Some(variable.parameter?.name))
        .collect();
    parameters.push("Issuer".to_owned());
    assert!(parameters.len() > 5);
    for name in &parameters {
        let name = instead.get(name.as_str()).copied().unwrap_or(name);
        assert_ne!(description(&[(name, "a")]), description(&[(name, "b")]), "{name}");
    }
}

#[test]
fn the_authorizer_answers_as_the_gateway_expects() {
    for (response, answer) in [
        ("simple", AuthorizerAnswer::Simple),
        ("policy", AuthorizerAnswer::Policy),
    ] {
        let template = template(&[("AuthorizerResponse", response)]);

        let authorizer = &template.api().unwrap().authorizers["AccessTokenAuthorizer"];
        let functions = template.functions().unwrap();
        assert_eq!(authorizer.answer, answer);
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
        ["Api.DisableExecuteApiEndpoint", "ApiStage.DefaultRouteSettings",]
    );
}

/// Headers, paths and queries can contain tokens. A value that its sender chooses could also end the JSON.
#[test]
fn the_access_log_names_the_decision_and_nothing_that_can_hold_a_token() {
    let template = template(&[]);
    let stage = template.resource("ApiStage").unwrap();
    let format = stage["Properties"]["AccessLogSettings"]["Format"].as_str().unwrap();

    let fields: BTreeMap<String, String> = serde_json::from_str(format).unwrap();

    for (name, value) in &fields {
        let known = value.strip_prefix("$context.").is_some_and(|value| {
            [
                "authorizer.",
                "integration.requestId",
                "identity.sourceIp",
                "error.responseType",
            ]
            .iter()
            .any(|part| value.starts_with(part))
                || !value.contains('.')
        });
        assert!(known && value != "$context.path", "{name}: {value}");
    }
    for name in ["functionRequestId", "sub", "sid", "authorizerError", "authorizerReason"] {
        assert!(fields.contains_key(name), "{name}");
    }
}

#[test]
fn the_authorizer_is_exported_twice() {
    let text = read("template.yaml");

    assert!(text.contains("Name: !Sub ${AWS::StackName}-AuthorizerArn"));
    let template = template(&[]);
    let parameter = template.resource("AuthorizerArnParameter").unwrap();
    assert_eq!(parameter["Properties"]["Value"], "AuthorizerFunction.Alias");
}
