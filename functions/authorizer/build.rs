//! Generates code from `routes.toml`. A mistake in the file fails the build and is reported with its line.

use std::{error::Error, fs, path::PathBuf};

use rules::{Assurance, ParameterRoute, Rule, RuleFile};

const FILE: &str = "routes.toml";

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["build.rs", FILE] {
        println!("cargo::rerun-if-changed={path}");
    }
    match RuleFile::parse(&fs::read_to_string(FILE)?) {
        Ok(file) => fs::write(out_folder()?.join("routes.rs"), render_rules(&file))?,
        Err(fault) => println!("cargo::error=functions/authorizer/{FILE}:{}: {fault}", fault.line),
    }
    Ok(())
}

/// Returns the Rust code of an expression that makes the rules in the file.
fn render_rules(file: &RuleFile) -> String {
    let rules: String = file.rules.iter().map(render_rule).collect();
    let routes: String = file.routes.iter().map(render_route).collect();
    format!(
        "Rules::new(vec![{rules}], {}).with_parameter_routes(vec![{routes}])",
        file.longest_stage
    )
}

fn render_route(route: &ParameterRoute) -> String {
    let ParameterRoute { api, method, path } = route;
    format!(
        "rules::ParameterRoute {{ api: {}, method: {method:?}.to_owned(), path: {path:?}.to_owned() }},",
        render_optional(api.as_deref()),
    )
}

fn render_rule(rule: &Rule) -> String {
    let Rule {
        api,
        method,
        path,
        role,
        scope,
        acr,
        max_age,
    } = rule;
    format!(
        "rules::Rule {{ api: {}, method: {method:?}.to_owned(), path: {path:?}.to_owned(), role: {}, scope: {}, \
         acr: {}, max_age: {max_age:?} }},",
        render_optional(api.as_deref()),
        render_optional(role.as_deref()),
        render_optional(scope.as_deref()),
        render_assurance(*acr),
    )
}

fn render_assurance(assurance: Option<Assurance>) -> String {
    assurance.map_or_else(
        || "None".to_owned(),
        |assurance| format!("Some(rules::Assurance::{assurance:?})"),
    )
}

fn render_optional(text: Option<&str>) -> String {
    text.map_or_else(|| "None".to_owned(), |text| format!("Some({text:?}.to_owned())"))
}

#[expect(clippy::disallowed_methods, reason = "Cargo passes OUT_DIR in the environment")]
fn out_folder() -> Result<PathBuf, Box<dyn Error>> {
    Ok(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?.into())
}
