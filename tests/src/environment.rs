//! The environment of a function in a stack.

use std::collections::BTreeMap;

use local::Template;

use crate::{Keys, template};

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
        "MAIL_KEY_SECRET" => keys.mail(value),
        "FACTOR_KEY_SECRET" => keys.factors(value),
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

/// Returns the template with the parameters with which it has this function: a stack has only one of the two mailers.
#[must_use]
pub fn template_of(function: &str) -> Template {
    let via = if function == "mailer-event" { "event" } else { "ses" };
    template(&[("MailVia", via)])
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
