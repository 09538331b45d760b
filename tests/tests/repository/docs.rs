//! The pages, which agree with the code, are short, and have working links.

use std::collections::BTreeSet;

use api::ErrorCode;

use crate::{files, markdown::Markdown, path, read, rows};

/// The maximum size of a page in bytes.
const MAX_PAGE: usize = 8 * 1024;

#[test]
fn every_page_is_short() {
    for page in pages() {
        let length = read(&page).len();

        assert!(length < MAX_PAGE, "{page}: {length} bytes");
    }
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_exist() {
    for page in all_pages() {
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
fn the_table_of_errors_has_every_code() {
    let listed: BTreeSet<String> = rows("docs/errors.md", "## Codes")
        .into_iter()
        .map(|[_, code, _]: [String; 3]| code.replace('`', ""))
        .collect();

    let codes = ErrorCode::ALL.iter().map(|code| code.as_str().to_owned());
    assert_eq!(listed, codes.collect());
}

/// Returns the pages of `docs/`.
fn pages() -> Vec<String> {
    let mut pages = files("docs");
    pages.retain(|file| is_markdown(file));
    pages
}

/// Returns the pages of `docs/`, and the Markdown files in the root folder and those of the examples.
fn all_pages() -> Vec<String> {
    let entries = std::fs::read_dir(path("")).unwrap().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let names = names.chain(files("examples"));
    names.filter(|name| is_markdown(name)).chain(pages()).collect()
}

fn is_markdown(file: &str) -> bool {
    path(file).extension().is_some_and(|extension| extension == "md")
}

/// Returns the targets of a page's links to files of the repository, each as a file and an anchor. The anchor may be
/// empty.
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
