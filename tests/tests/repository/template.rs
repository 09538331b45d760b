//! `template.yaml` agrees with the other files.

use std::{collections::BTreeSet, time::Duration};

use local::Function;
use serde_json::{Value, json};
use tests::template;

use crate::{folders, read, toml};

/// The minimum window of the refresh rule. A client without an answer can retry within the window.
const MIN_WINDOW: Duration = Duration::from_secs(5);

#[test]
fn each_function_of_the_folder_is_one_of_the_template() {
    let functions = template(&[]).functions().unwrap();

    let mut names: Vec<&str> = functions.values().map(|function| function.name.as_str()).collect();
    names.sort_unstable();

    assert_eq!(names, folders("functions"));
    for (id, function) in &functions {
        let words = function
            .name
            .split('-')
            .map(|word| word[..1].to_uppercase() + &word[1..]);
        assert_eq!(*id, format!("{}Function", words.collect::<String>()));
        let behind_the_api = !["compact-feed", "rotate-keys"].contains(&function.name.as_str());
        assert_eq!(function.timeout < MIN_WINDOW, behind_the_api, "{id}");
    }
}

/// The settings of `cargo lambda watch` in the manifest override its command line, so two stacks of one checkout would
/// write to one database.
#[test]
fn no_environment_of_the_manifest_overrides_that_of_a_stack() {
    let manifest = toml("Cargo.toml");
    let settings = &manifest["workspace"]["metadata"]["lambda"];

    for place in [settings, &settings["watch"]] {
        for name in ["env", "env_file", "env_var"] {
            assert!(place.get(name).is_none(), "{name}");
        }
    }
}

#[test]
fn no_environment_of_a_function_refers_to_the_api() {
    // Such a reference makes a circle: the API needs the function, and the function needs the API.
    let template = template(&[]);
    let apis: Vec<&String> = template.of_type("AWS::Serverless::HttpApi").map(|(id, _)| id).collect();
    assert!(!apis.is_empty());
    for (id, function) in template.functions().unwrap() {
        for (variable, value) in &function.variables {
            assert!(!apis.iter().any(|api| value.contains(*api)), "{variable} of {id}");
        }
    }
}

/// An authorizer refuses to decide about an unknown kind of announcement or token.
#[test]
fn an_update_reaches_the_authorizer_before_the_writers_that_it_reads() {
    let template = template(&[]);
    let functions = template.functions().unwrap();
    let read = allowed(&functions["AuthorizerFunction"], |action| {
        action.starts_with("dynamodb:")
    });
    assert!(read.contains("AuthorizerFeed.Arn"), "{read:?}");
    let writes = |action: &str| action.starts_with("dynamodb:") && !READING.contains(&action);
    let mut dependents = Vec::new();
    for (id, function) in &functions {
        let announces = !allowed(function, writes).is_disjoint(&read);
        let signs = id != "AuthorizerFunction" && function.variables.contains_key("ACCESS_KEYS_SECRET");
        let waits = template.resource(id).unwrap()["DependsOn"] == "AuthorizerFunction";

        assert_eq!(announces || signs, waits, "{id}");
        dependents.extend(waits.then_some(function.name.as_str()));
    }
    // Without any function, the rule would check nothing.
    assert!(
        ["login", "logout", "refresh"]
            .iter()
            .all(|name| dependents.contains(name)),
        "{dependents:?}"
    );
}

/// The actions that only read.
const READING: [&str; 4] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
];

/// Returns the resources on which a function has a permission for any of the wanted actions.
fn allowed(function: &Function, wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let several = |value: &Value| -> Vec<String> {
        let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        all.iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let statements = function.statements.iter();
    statements
        .filter(|statement| several(&statement["Action"]).iter().any(|action| wanted(action)))
        .flat_map(|statement| several(&statement["Resource"]))
        .collect()
}

#[test]
fn no_permission_is_wide() {
    for (id, function) in template(&[]).functions().unwrap() {
        for statement in &function.statements {
            let text = statement.to_string();
            assert!(!text.contains('*'), "{id}: {text}");
            assert!(!text.contains("Scan"), "{id}: {text}");
        }
    }
}

/// A function may read a secret if its environment contains the secret, or if it makes the secret's next version.
#[test]
fn a_secret_is_read_only_by_the_functions_that_get_it() {
    let edge = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:edge";
    for (algorithm, edge) in [("RS256", ""), ("ES256", edge), ("EdDSA", ""), ("HS256", edge)] {
        let parameters = [("AccessTokenAlgorithm", algorithm), ("EdgeKeysSecret", edge)];
        for (id, function) in template(&parameters).functions().unwrap() {
            let named = |variable: &str| function.variables.get(variable).cloned();
            let variables = [
                "ACCESS_KEYS_SECRET",
                "REFRESH_KEYS_SECRET",
                "PSEUDONYM_KEY_SECRET",
                "EDGE_KEYS_SECRET",
            ];
            let named = variables.into_iter().filter_map(named);
            let mut named: Vec<String> = named.filter(|secret| !secret.is_empty()).collect();
            named.sort_unstable();
            let secrets = function
                .statements
                .iter()
                .filter(|statement| statement["Action"].to_string().contains("secretsmanager:"));
            let mut allowed = Vec::new();
            for statement in secrets {
                let actions = statement["Action"].to_string();
                let all = r#"["secretsmanager:GetSecretValue","secretsmanager:PutSecretValue","secretsmanager:UpdateSecretVersionStage"]"#;
                let expected = if function.name == "rotate-keys" {
                    all
                } else {
                    r#""secretsmanager:GetSecretValue""#
                };
                assert_eq!(actions, expected, "{id}");
                let resource = &statement["Resource"];
                let several = resource
                    .as_array()
                    .map_or(std::slice::from_ref(resource), Vec::as_slice);
                allowed.extend(several.iter().map(|one| one.as_str().unwrap().to_owned()));
            }
            allowed.sort_unstable();

            assert_eq!(named, allowed, "{id} under {algorithm}");
            if function.name == "authorizer" {
                let expected: &[&str] = if algorithm == "HS256" { &["AccessKeys"] } else { &[] };
                assert_eq!(allowed, expected, "{algorithm}");
            }
        }
    }
}

#[test]
fn a_deployment_makes_its_own_keys() {
    let template = template(&[]);
    let permission = &template.resource("RotationPermission").unwrap()["Properties"];
    assert_eq!(permission["SourceAccount"], "000000000000");
    assert_eq!(permission.get("SourceArn"), None);
    for (set, schedule) in [
        ("AccessKeys", "AccessKeysSchedule"),
        ("RefreshKeys", "RefreshKeysSchedule"),
    ] {
        // CloudFormation would overwrite the keys in use with a changed string.
        assert_eq!(
            template.resource(set).unwrap()["Properties"]["SecretString"],
            r#"{"keys":[]}"#
        );
        let schedule = template.resource(schedule).unwrap();
        assert_eq!(schedule["DependsOn"], "RotationPermission");
        assert_eq!(schedule["Properties"]["SecretId"], set);
        assert_eq!(schedule["Properties"]["RotateImmediatelyOnUpdate"], json!(true));
        assert_eq!(schedule["Properties"]["RotationLambdaARN"], "RotateKeysFunction.Arn");
    }
}

#[test]
fn what_an_attack_can_cost_is_bounded() {
    let parameters = [
        ("LoginConcurrency", "7"),
        ("AuthorizerConcurrency", "8"),
        ("RouteRateLimit", "9"),
        ("RouteBurstLimit", "10"),
    ];
    let template = template(&parameters);
    let property = |resource: &str, pointer: &str| {
        let resource = template.resource(resource).unwrap();
        resource["Properties"]
            .pointer(pointer)
            .map(|value| value.to_string().replace('"', ""))
    };

    for (resource, pointer, expected) in [
        ("LoginFunction", "/ReservedConcurrentExecutions", "7"),
        ("AuthorizerFunction", "/ReservedConcurrentExecutions", "8"),
        ("Api", "/DefaultRouteSettings/ThrottlingRateLimit", "9"),
        ("Api", "/DefaultRouteSettings/ThrottlingBurstLimit", "10"),
    ] {
        assert_eq!(
            property(resource, pointer).as_deref(),
            Some(expected),
            "{resource}{pointer}"
        );
    }
    // This property is free JSON to CloudFormation, so a parameter would arrive as a string.
    assert_eq!(property("Api", "/RouteSettings"), None);
}

/// One computer sends about 2,000 requests a second, which must leave most of each route to others.
#[test]
fn one_caller_cannot_use_a_route_up() {
    let template = template(&[]);

    let api = template.resource("Api").unwrap();
    let limits = &api["Properties"]["DefaultRouteSettings"];

    assert!(limits["ThrottlingRateLimit"].as_u64() >= Some(4_000), "{limits}");
    assert!(limits["ThrottlingBurstLimit"].as_u64() >= Some(2_000), "{limits}");
}

/// An account with a small quota refuses every reservation, and with it the whole deployment.
#[test]
fn nothing_is_reserved_by_default() {
    for (id, function) in template(&[]).of_type("AWS::Serverless::Function") {
        assert_eq!(function.get("ReservedConcurrentExecutions"), None, "{id}");
    }
}

#[test]
fn an_api_behind_a_proxy_has_no_other_name() {
    for (execute_api, hidden) in [("on", false), ("off", true)] {
        let template = template(&[("ExecuteApi", execute_api), ("DomainName", "auth.example.com")]);

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

/// The table that needs no protection: counters of attempts expire within a day. Restored counters would make people
/// wait for old failures.
const FORGETTABLE: &str = "AttemptsTable";

#[test]
fn every_table_is_encrypted_and_the_important_ones_are_restorable() {
    let template = template(&[("TableProtection", "on")]);
    let mut kept = Vec::new();
    for (id, table) in template.of_type("AWS::DynamoDB::Table") {
        assert_eq!(table["BillingMode"], "PAY_PER_REQUEST", "{id}");
        assert_eq!(table["SSESpecification"]["SSEEnabled"], json!(true), "{id}");
        let resource = template.resource(id).unwrap();
        if id == FORGETTABLE {
            assert_eq!(resource["DeletionPolicy"], "Delete");
            continue;
        }
        kept.push(id.as_str());
        assert_eq!(table["DeletionProtectionEnabled"], json!(true), "{id}");
        assert_eq!(
            table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
            json!(true),
            "{id}"
        );
        // A failed first deployment leaves no table behind.
        assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{id}");
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{id}");
    }
    kept.sort_unstable();
    assert_eq!(
        kept,
        [
            "AuthorizerFeed",
            "CredentialsTable",
            "FeedSnapshotsTable",
            "PublicKeysTable",
            "RefreshTokensTable",
            "UsersTable"
        ]
    );
}

#[test]
fn obsolete_items_expire_but_users_and_public_keys_do_not() {
    for (id, table) in template(&[]).tables().unwrap() {
        let stays = ["UsersTable", "CredentialsTable", "PublicKeysTable"].contains(&id.as_str());

        assert_eq!(table.ttl.as_deref(), (!stays).then_some("ttl"), "{id}");
    }
}

/// Only the functions that replace password hashes may write them.
#[test]
fn no_function_writes_credentials_but_those_that_are_about_passwords() {
    let functions = template(&[]).functions().unwrap().into_values();
    let writers: Vec<String> = functions
        .filter(|function| {
            let mut statements = function.statements.iter();
            statements.any(|statement| statement["Resource"].to_string().contains("CredentialsTable"))
        })
        .map(|function| function.name)
        .collect();

    assert_eq!(writers, ["login", "password"]);
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
            "{name}: a simple answer that is kept must be kept for its route alone"
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
