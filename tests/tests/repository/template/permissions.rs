//! The permissions of the functions, and the order in which a deployment updates the functions.

use std::collections::BTreeSet;

use local::Function;
use serde_json::Value;
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
