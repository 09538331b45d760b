//! The environment of a function in a stack.

use std::collections::BTreeMap;

use local::Template;

use crate::Keys;

/// Returns a function's environment in the template, with `keys` in place of the template's secrets, and with `suffix`
/// after the names of tables.
#[must_use]
pub fn environment(template: &Template, function: &str, suffix: &str, keys: &Keys) -> BTreeMap<String, String> {
    let functions = template.functions().unwrap();
    let function = functions
        .into_values()
        .find(|candidate| candidate.name == function)
        .unwrap();
    let ours = |(name, value): (String, String)| match name.as_str() {
        "ACCESS_KEYS_SECRET" => keys.access(value),
        "REFRESH_KEYS_SECRET" => keys.refresh(value),
        "PSEUDONYM_KEY_SECRET" => keys.pseudonym(value),
        "EDGE_KEYS_SECRET" => keys.edge(value),
        table if table.ends_with("_TABLE") => (name, value + suffix),
        _ => (name, value),
    };
    function
        .variables
        .into_iter()
        .map(ours)
        .chain([("AWS_LAMBDA_FUNCTION_NAME".to_owned(), function.name)])
        .collect()
}

/// Returns the variables with which a function calls DynamoDB and Secrets Manager at these endpoints: a region,
/// credentials, and the endpoints themselves.
#[must_use]
pub fn aws_variables(dynamodb: &str, secrets_manager: &str) -> BTreeMap<String, String> {
    let variables = [
        ("AWS_REGION", "local"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets_manager),
    ];
    variables
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}
