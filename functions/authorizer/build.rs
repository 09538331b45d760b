//! Generates code from `routes.toml`. A mistake in the file fails the build and is reported with its line.

use std::{error::Error, fs, path::PathBuf};

use rules::{ParameterRoute, Rule, RuleFile};

const FILE: &str = "routes.toml";

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["build.rs", FILE] {
        println!("cargo::rerun-if-changed={path}");
    }
    match RuleFile::parse(&fs::read_to_string(FILE)?) {
        Ok(file) => fs::write(out_folder()?.join("routes.rs"), code(&file))?,
        Err(fault) => println!("cargo::error=functions/authorizer/{FILE}:{}: {fault}", fault.line),
    }
    Ok(())
}

/// Returns an expression of the type `Rules`.
fn code(file: &RuleFile) -> String {
    let rules: String = file.rules.iter().map(code_of).collect();
    let routes: String = file.routes.iter().map(code_of_route).collect();
    format!(
        "Rules::new(vec![{rules}], {}).with_parameter_routes(vec![{routes}])",
        file.longest_stage
    )
}

fn code_of_route(route: &ParameterRoute) -> String {
    let ParameterRoute { api, method, path } = route;
    format!(
        "rules::ParameterRoute {{ api: {}, method: {method:?}.to_owned(), path: {path:?}.to_owned() }},",
        code_of_optional(api.as_deref()),
    )
}

fn code_of(rule: &Rule) -> String {
    let Rule {
        api,
        method,
        path,
        role,
        scope,
    } = rule;
    format!(
        "rules::Rule {{ api: {}, method: {method:?}.to_owned(), path: {path:?}.to_owned(), role: {}, scope: {} }},",
        code_of_optional(api.as_deref()),
        code_of_optional(role.as_deref()),
        code_of_optional(scope.as_deref()),
    )
}

fn code_of_optional(text: Option<&str>) -> String {
    text.map_or_else(|| "None".to_owned(), |text| format!("Some({text:?}.to_owned())"))
}

#[expect(clippy::disallowed_methods, reason = "Cargo passes OUT_DIR in the environment")]
fn out_folder() -> Result<PathBuf, Box<dyn Error>> {
    Ok(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?.into())
}
