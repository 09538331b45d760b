//! The permissions of the functions, and the order in which a deployment updates the functions.

use std::collections::BTreeSet;

use local::Function;
use serde_json::{Value, json};
use tests::template;

/// The authorizer must be updated before the functions that announce or sign. An older authorizer refuses to decide
/// about a kind of announcement or token that it does not know. The alias is updated when all requests have reached the
/// new version.
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
        let waits = template.resource(id).unwrap()["DependsOn"] == "AuthorizerFunctionAliaslive";

        assert_eq!(announces || signs, waits, "{id}");
        dependents.extend(waits.then_some(function.name.as_str()));
    }
    // If no function depended on the authorizer, this test would check nothing.
    assert!(
        ["login", "logout", "refresh"]
            .iter()
            .all(|name| dependents.contains(name)),
        "{dependents:?}"
    );
}

/// The actions that only read.
const READING: [&str; 5] = [
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
];

/// Returns the resources on which a function has a permission for any of the wanted actions.
fn allowed(function: &Function, wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let statements = function.statements.iter();
    statements
        .filter(|statement| statement["Effect"] == "Allow")
        .filter(|statement| several(&statement["Action"]).iter().any(|action| wanted(action)))
        .flat_map(|statement| several(&statement["Resource"]))
        .collect()
}

/// Returns whether statements permit an action on a resource: one allows it, and none denies it. The only pattern is
/// `*`.
fn permits(statements: &[Value], action: &str, resource: &str) -> bool {
    let names = |value: &Value| several(value).iter().any(|name| name == "*" || name == resource);
    let is_about = |statement: &&Value| {
        several(&statement["Action"]).iter().any(|name| name == action)
            && match statement.get("NotResource") {
                Some(spared) => !names(spared),
                None => names(&statement["Resource"]),
            }
    };
    let (denials, rest): (Vec<_>, Vec<_>) = statements
        .iter()
        .filter(is_about)
        .partition(|statement| statement["Effect"] == "Deny");
    denials.is_empty() && rest.iter().any(|statement| statement["Effect"] == "Allow")
}

/// Returns a string, or each string of a list.
fn several(value: &Value) -> Vec<String> {
    let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    all.iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// SAM gives each function with a stream a policy of AWS that allows the streams of all tables.
#[test]
fn a_function_reads_no_stream_but_its_own() {
    let reading = [
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
    ];
    for via in ["ses", "event"] {
        let template = template(&[("MailVia", via), ("EventBus", "default"), ("DeletionDays", "14")]);
        let functions = template.functions().unwrap();
        let sources = template.event_sources().unwrap();
        let readers: BTreeSet<&str> = sources.iter().map(|source| source.function.as_str()).collect();
        assert_eq!(readers.len(), 2, "{via}");
        for reader in readers {
            let of_aws = json!({"Effect": "Allow", "Action": reading, "Resource": "*"});
            let function = functions.values().find(|function| function.name == reader).unwrap();
            let statements = [function.statements.clone(), vec![of_aws]].concat();
            for (table, _) in template.tables().unwrap() {
                let is_own = sources
                    .iter()
                    .any(|source| source.function == reader && source.table == table);
                for action in reading {
                    let stream = format!("{table}.StreamArn");
                    assert_eq!(
                        permits(&statements, action, &stream),
                        is_own,
                        "{reader}: {action}, {table}"
                    );
                }
            }
        }
    }
}

/// A person who only looks must not be able to change anything or read a private key.
#[test]
fn a_reader_has_only_permissions_that_read() {
    for (algorithm, via) in [("RS256", "none"), ("HS256", "ses")] {
        let template = template(&[("AccessTokenAlgorithm", algorithm), ("MailVia", via)]);
        let policy = &template.resource("ReaderPolicy").unwrap()["Properties"]["PolicyDocument"];
        for statement in policy["Statement"].as_array().unwrap() {
            for action in several(&statement["Action"]) {
                let (_, verb) = action.split_once(':').unwrap();
                let verbs = [
                    "BatchGet",
                    "Get",
                    "GET",
                    "Describe",
                    "List",
                    "Query",
                    "Scan",
                    "Filter",
                    "StartQuery",
                ];
                assert!(verbs.iter().any(|reading| verb.starts_with(reading)), "{action}");
                if action == "secretsmanager:GetSecretValue" {
                    assert_eq!(several(&statement["Resource"]), ["PseudonymKey"]);
                }
            }
        }
    }
}

/// Only reading has actions without resources, and resources that other stacks may share.
#[test]
fn an_operator_changes_only_what_the_stack_has() {
    let template = template(&[("MailVia", "ses")]);
    let policy = &template.resource("OperatorPolicy").unwrap()["Properties"]["PolicyDocument"];
    // The streams of the operators' own log group.
    let text = policy.to_string().replace(":log-group:OperatorsLogGroup:*", "");
    assert!(!text.contains('*') && text.contains("logs:PutLogEvents"), "{policy}");
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

/// Only the functions that add, replace or move password hashes may write to the table that holds them. The mailer reads
/// it, to find out who has an address.
#[test]
fn no_function_writes_credentials_but_those_that_are_about_passwords() {
    let functions = template(&[]).functions().unwrap().into_values();
    let (mut writers, mut readers) = (Vec::new(), Vec::new());
    for function in functions {
        let may = |wanted: fn(&str) -> bool| {
            let resources = allowed(&function, wanted);
            resources.iter().any(|resource| resource.contains("CredentialsTable"))
        };
        if may(|action| action.starts_with("dynamodb:") && !READING.contains(&action)) {
            writers.push(function.name.clone());
        } else if may(|action| READING.contains(&action)) {
            readers.push(function.name.clone());
        }
    }

    assert_eq!(
        writers,
        ["address", "login", "password", "register", "remove-accounts", "reset"]
    );
    assert_eq!(readers, ["confirm", "delete-account", "keep-account", "mailer-ses"]);
}
