//! The pages agree with the code, are short, and have working links.

use std::collections::{BTreeMap, BTreeSet};

use api::ErrorCode;
use runtime::Event;
use tests::template;

use crate::{files, markdown::Markdown, path, read, rows};

/// The maximum size of a page in bytes.
const MAX_PAGE: usize = 8 * 1024;
/// The variables that every function reads.
const OF_ALL: [&str; 2] = ["SERVICE_NAME", "METRICS_NAMESPACE"];

#[test]
fn every_page_is_short() {
    for page in pages() {
        let length = read(&page).len();

        assert!(length < MAX_PAGE, "{page}: {length} bytes");
    }
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_exist() {
    for page in texts() {
        for (file, anchor) in links(&page) {
            assert!(path(&file).exists(), "{page} links to {file}");
            if !anchor.is_empty() {
                let anchors = Markdown::new(&read(&file)).anchors();
                assert!(
                    anchors.contains(&anchor),
                    "{page} links to {file}#{anchor}: {anchors:?}"
                );
            }
        }
    }
}

#[test]
fn every_page_is_at_most_two_links_from_the_readme() {
    let linked = |page: &String| -> BTreeSet<String> {
        let targets = links(page).into_iter().map(|(file, _)| file);
        targets.filter(|file| is_markdown(file)).collect()
    };
    let near = linked(&"README.md".to_owned());
    let far: BTreeSet<String> = near.iter().flat_map(linked).collect();

    for page in pages() {
        assert!(near.contains(&page) || far.contains(&page), "{page}");
    }
}

#[test]
fn the_table_of_variables_is_that_of_the_template() {
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for [variable, _, functions, _] in rows("docs/configuration.md", "## Variables") {
        // A secret comes from a variable, or from a file whose path is in another variable.
        let variable = variable
            .split(',')
            .next()
            .unwrap_or_default()
            .trim_matches('`')
            .to_owned();
        if !OF_ALL.contains(&variable.as_str()) {
            listed.insert(variable, functions.split_whitespace().map(str::to_owned).collect());
        }
    }

    let mut given: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for function in template(&[]).functions().unwrap().into_values() {
        for variable in function.variables.into_keys() {
            if !OF_ALL.contains(&variable.as_str()) {
                given.entry(variable).or_default().insert(function.name.clone());
            }
        }
    }

    assert_eq!(listed, given);
}

#[test]
fn the_table_of_parameters_is_that_of_the_template() {
    let listed: BTreeMap<String, String> = rows("docs/parameters.md", "## Parameters")
        .into_iter()
        .map(|[parameter, default, _]: [String; 3]| (parameter.replace('`', ""), default.replace('`', "")))
        .collect();

    assert_eq!(listed, parameters());
}

#[test]
fn the_table_of_errors_has_every_code() {
    let listed: BTreeSet<String> = rows("docs/errors.md", "## Codes")
        .into_iter()
        .map(|[_, code, _]: [String; 3]| code.replace('`', ""))
        .collect();

    let codes = ErrorCode::ALL.iter().map(|code| code.as_str().to_owned());
    assert_eq!(listed, codes.collect());
}

#[test]
fn the_table_of_events_has_every_event() {
    let rows: Vec<[String; 3]> = rows("docs/logs.md", "## Events");
    let listed: BTreeSet<String> = rows
        .iter()
        .flat_map(|[events, ..]| events.split(", ").map(|event| event.replace('`', "")))
        .collect();

    let events = Event::ALL.iter().map(|event| event.as_str().to_owned());
    assert_eq!(listed, events.collect());
}

/// Returns the pages of `docs/`.
fn pages() -> Vec<String> {
    let mut pages = files("docs");
    pages.retain(|file| is_markdown(file));
    pages
}

/// Returns the pages and the Markdown files in the root folder.
fn texts() -> Vec<String> {
    let entries = std::fs::read_dir(path("")).unwrap().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| is_markdown(name)).chain(pages()).collect()
}

fn is_markdown(file: &str) -> bool {
    path(file).extension().is_some_and(|extension| extension == "md")
}

/// Returns the targets of a page's links to the repository: a file, and an anchor, which may be empty.
fn links(page: &str) -> Vec<(String, String)> {
    let targets = Markdown::new(&read(page)).links();
    let targets = targets.iter().filter(|target| !target.contains("://"));
    targets
        .map(|target| {
            let (file, anchor) = target.split_once('#').unwrap_or((target.as_str(), ""));
            let file = if file.is_empty() {
                page.to_owned()
            } else {
                resolve(page, file)
            };
            (file, anchor.to_owned())
        })
        .collect()
}

/// Converts a path that is relative to a page to one that is relative to the repository.
fn resolve(page: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Returns the parameters of the template with their defaults.
fn parameters() -> BTreeMap<String, String> {
    let template = read("template.yaml");
    let (_, section) = template.split_once("\nParameters:\n").unwrap();
    let (section, _) = section.split_once("\nRules:\n").unwrap();
    let mut parameters = BTreeMap::new();
    let mut current = String::new();
    for line in section.lines() {
        let name = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '));
        if let Some(name) = name.and_then(|name| name.strip_suffix(':')) {
            name.clone_into(&mut current);
            parameters.insert(current.clone(), "required".to_owned());
        } else if let Some(default) = line.strip_prefix("    Default: ") {
            let default = default.trim_matches('\'');
            let shown = if default.is_empty() { "empty" } else { default };
            parameters.insert(current.clone(), shown.to_owned());
        }
    }
    parameters
}
