//! The functions' environment on this machine: that of the template, with key files instead of secrets.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use anyhow::{Context as _, ensure};

use crate::{keys::KeyFolder, template::Template};

/// Returns the variables of all functions together, since `cargo lambda watch` gives the same variables to all
/// functions. `engine` is the endpoint of DynamoDB, and `mail` that of SES and
/// EventBridge.
///
/// # Errors
/// If two functions need different values of one variable.
pub(crate) fn of_functions(
    template: &Template,
    keys: &KeyFolder,
    engine: &str,
    mail: &str,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut variables = BTreeMap::new();
    for function in template.functions()?.into_values() {
        for (name, value) in function.variables {
            let before = variables.insert(name.clone(), value.clone());
            ensure!(
                before.is_none_or(|before| before == value),
                "two functions need different values of {name}"
            );
        }
    }
    for (secret, file_variable, file) in [
        ("ACCESS_KEYS_SECRET", "ACCESS_KEYS_FILE", keys.access()),
        ("REFRESH_KEYS_SECRET", "REFRESH_KEYS_FILE", keys.refresh()),
        ("PSEUDONYM_KEY_SECRET", "PSEUDONYM_KEY_FILE", keys.pseudonym()),
        ("MAIL_KEY_SECRET", "MAIL_KEY_FILE", keys.mail()),
        ("FACTOR_KEY_SECRET", "FACTOR_KEY_FILE", keys.factors()),
    ] {
        let path = file.path();
        let path = path.to_str().context("the folder's name is not Unicode")?.to_owned();
        if variables.remove(secret).is_some() {
            variables.insert(file_variable.to_owned(), path);
        }
    }
    let aws = [
        ("AWS_ENDPOINT_URL_DYNAMODB", engine),
        ("AWS_ENDPOINT_URL_SESV2", mail),
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", mail),
        ("AWS_REGION", "local"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    variables.extend(aws.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(variables)
}

/// Writes the variables to a file that `cargo lambda watch` reads at its start.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write(variables: &BTreeMap<String, String>, path: &Path) -> anyhow::Result<()> {
    let mut text = String::new();
    for (name, value) in variables.iter().filter(|(_, value)| !value.is_empty()) {
        // `cargo lambda` reads a value with spaces only in quotation marks.
        let quote = if value.contains(' ') { "\"" } else { "" };
        writeln!(text, "{name}={quote}{value}{quote}")?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_call_the_services_of_this_machine() {
        let template = Template::parse("Resources: {}", &BTreeMap::new()).unwrap();
        let keys = KeyFolder::new(Path::new("/keys"));

        let variables = of_functions(&template, &keys, "http://engine", "http://mail").unwrap();

        assert_eq!(variables["AWS_ENDPOINT_URL_DYNAMODB"], "http://engine");
        assert_eq!(variables["AWS_ENDPOINT_URL_SESV2"], "http://mail");
    }
}
