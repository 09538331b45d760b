//! The lists of functions. For a new function, people add a folder and a resource of the template, and the lists are
//! derived from these.

use std::collections::BTreeSet;

use tests::template;

use crate::{
    derived::{Cell, Row, assert_derived, with_lines, with_rows},
    files, folders,
    layers::dependencies,
    toml,
};

/// The folders whose crates `cargo lambda build` builds.
const BUILT: [&str; 2] = ["functions", "shared"];

#[test]
fn tests_depend_on_every_function() {
    assert_derived("tests/Cargo.toml", |text| {
        let functions = folders("functions");
        let lines = functions
            .iter()
            .map(|name| format!("{name} = {{ path = \"../functions/{name}\" }}"));
        with_lines(text, "# The functions, derived from their folder", "", lines)
    });
}

#[test]
fn tests_can_start_every_function_that_is_made_like_the_others() {
    assert_derived("tests/src/functions.rs", |text| {
        let (by_hand, _) = text.split_once("// Derived from the folders").unwrap();
        let lines = folders("functions")
            .into_iter()
            .filter(|name| is_uniform(name) && !by_hand.contains(&format!("\"{name}\" =>")))
            .map(|name| {
                let (module, handler) = (name.replace('-', "_"), camel_case(&name));
                format!("        \"{name}\" => {module}::{handler}::new,")
            });
        with_lines(text, "        // Derived from the folders", "    }", lines)
    });
}

#[test]
fn cargo_lambda_watch_serves_the_routes_of_the_template() {
    assert_derived("Cargo.toml", |text| {
        let mut routes = template(&[]).api().unwrap().routes;
        let mut paths = BTreeSet::new();
        routes.retain(|route| paths.insert(route.path.clone()));
        let lines = routes
            .iter()
            .map(|route| format!("\"{}\" = \"{}\"", route.path, route.function));
        with_lines(text, "[workspace.metadata.lambda.watch.router]", "", lines)
    });
}

#[test]
fn the_architecture_lists_every_function() {
    assert_derived("ARCHITECTURE.md", |text| {
        let start = text.lines().find(|line| line.starts_with("functions/ ")).unwrap();
        let end = text.lines().find(|line| line.starts_with("shared/ ")).unwrap();
        let folders = folders("functions");
        with_lines(text, start, end, [format!("  {}/", folders.join("/ "))])
    });
}

#[test]
fn the_table_of_permissions_has_every_function() {
    assert_derived("docs/security.md", |text| {
        let rows = template(&[]).functions().unwrap().into_values().map(|function| {
            let resources = |wanted: fn(&str) -> bool| {
                let statements = function.statements.iter();
                let statements = statements.filter(|statement| wanted(&statement["Action"].to_string()));
                let named = statements.flat_map(|statement| {
                    let text = statement["Resource"].to_string();
                    let names = text.split('"').skip(1).step_by(2);
                    names
                        .map(|name| format!("`{}`", name.trim_end_matches(".Arn")))
                        .collect::<Vec<_>>()
                });
                Cell::AtFirst(
                    named
                        .collect::<BTreeSet<_>>()
                        .into_iter()
                        .collect::<Vec<_>>()
                        .join(", "),
                )
            };
            let reads = resources(|action| action.contains(":Get") || action.contains(":Query"));
            let writes = resources(|action| action.contains(":Put") || action.contains(":Update"));
            Row {
                name: function.name.clone(),
                cells: vec![reads, writes],
            }
        });
        with_rows(text, "## What each function may do", &rows.collect::<Vec<_>>())
    });
}

#[test]
fn cargo_lambda_builds_functions_and_no_tools() {
    let build = toml("Cargo.toml")["workspace"]["metadata"]["lambda"]["build"].clone();

    let left_out = build["exclude"].as_array().unwrap();
    let left_out: BTreeSet<&str> = left_out.iter().map(|name| name.as_str().unwrap()).collect();

    let manifests = ["tools", "tests"].map(files).concat();
    // The programs with which the bench compares the functions are in a workspace of their own.
    let manifests = manifests
        .iter()
        .filter(|file| file.ends_with("/Cargo.toml") && !file.starts_with("tools/bench/contenders/"));
    let packages: Vec<String> = manifests
        .map(|file| toml(file)["package"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(build["workspace"].as_bool(), Some(true));
    assert_eq!(
        left_out,
        packages.iter().map(String::as_str).collect(),
        "`cargo lambda build` must exclude every package outside {BUILT:?}: change Cargo.toml"
    );
}

/// Returns whether a function depends on `api` and `store`. The handlers of all such functions have constructors with
/// the same signature.
fn is_uniform(function: &str) -> bool {
    let dependencies = dependencies(&format!("functions/{function}"));
    dependencies.contains("api") && dependencies.contains("store")
}

fn camel_case(name: &str) -> String {
    name.split('-')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}
