//! The functions' environment on this machine: that of the template, with key files instead of secrets.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use anyhow::{Context as _, ensure};

use crate::{keys::KeyFolder, template::Template};

/// Returns the variables of all functions together, since `cargo lambda watch` gives the same variables to all
/// functions.
///
/// # Errors
/// If two functions need different values of one variable.
pub(crate) fn of_functions(
    template: &Template,
    keys: &KeyFolder,
    endpoint: &str,
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
    ] {
        let path = file.path();
        let path = path.to_str().context("the folder's name is not Unicode")?.to_owned();
        if variables.remove(secret).is_some() {
            variables.insert(file_variable.to_owned(), path);
        }
    }
    let engine = [
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
        ("AWS_REGION", "local"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    variables.extend(engine.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(variables)
}

/// Writes the variables to a file that `cargo lambda watch` reads at its start.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write(variables: &BTreeMap<String, String>, path: &Path) -> anyhow::Result<()> {
    let mut text = String::new();
    for (name, value) in variables.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(text, "{name}={value}")?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
