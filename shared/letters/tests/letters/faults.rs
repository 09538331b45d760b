//! Each fault of a template, which fails the build with its file and line.

use std::{fs, path::Path};

use rstest::rstest;

use crate::checker::{self, Fault, Files, Problem};

#[test]
fn the_templates_have_no_fault() {
    let code = checker::compile(&templates()).unwrap();

    assert!(code.starts_with("pub(crate) const LANGUAGES: &[&str] = &[\"de\", \"en\"];\n"));
}

#[rstest]
#[case("en/reset.txt", "{{link}}", "{{lnik}}", 6, Problem::UnknownVariable("lnik".to_owned()))]
#[case("en/reset.html", "{{service}}", "{{forgot}}", 2, Problem::UnknownVariable("forgot".to_owned()))]
#[case("en/reset.subject", "{{service}}", "{{link}}", 1, Problem::UnknownVariable("link".to_owned()))]
#[case("de/reset.txt", "{{link}}", "", 1, Problem::MissingVariable("link".to_owned()))]
#[case("de/reset.html", "{{code}}", "", 1, Problem::MissingVariable("code".to_owned()))]
#[case("de/reset.subject", "{{service}}", "", 1, Problem::MissingVariable("service".to_owned()))]
#[case("frame.html", "{{content}}", "", 1, Problem::MissingVariable("content".to_owned()))]
#[case("frame.html", "{{service}}", "{{link}}", 40, Problem::UnknownVariable("link".to_owned()))]
#[case("en/invite.txt", "{{link}}", "{{link}", 6, Problem::Unclosed)]
#[case("en/invite.txt", "{{link}}", "{{link\n}}", 6, Problem::Unclosed)]
#[case("en/invite.txt", "{{link}}", "link}}", 6, Problem::NotOpened)]
#[case("en/invite.subject", "{{service}}", "{{service", 1, Problem::Unclosed)]
#[case("en/invite.subject", "{{service}}", "{{service}}\nBcc: a", 2, Problem::SeveralLines)]
#[case("en/reset.txt", "{{if code}}", "", 16, Problem::EndWithoutIf)]
#[case("en/reset.txt", "{{end}}", "", 11, Problem::NoEnd)]
#[case("en/reset.txt", "{{code}}", "{{if code}}\n{{code}}", 15, Problem::Nested)]
#[case("en/reset.txt", "{{link}}", "{{link}} {{code}}", 6, Problem::Unconditional("code".to_owned()))]
#[case("en/reset.txt", "{{if code}}", "{{if link}}", 11, Problem::AlwaysPresent("link".to_owned()))]
#[case("en/reset.txt", "{{if code}}", "{{if colour}}", 11, Problem::UnknownVariable("colour".to_owned()))]
#[case("en/invite.txt", "{{link}}", "{{if code}}{{link}}{{end}}", 6, Problem::UnknownVariable("code".to_owned()))]
#[case("en/reset.html", "href=\"{{link}}\"", "href={{link}}", 3, Problem::Unquoted("link".to_owned()))]
#[case("en/reset.html", "href=\"{{link}}\"", "href='{{link}}'", 3, Problem::Unquoted("link".to_owned()))]
fn a_fault_is_found_in_its_line(
    #[case] file: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] line: usize,
    #[case] problem: Problem,
) {
    let mut files = templates();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{text}");
    *text = text.replacen(from, to, if to.is_empty() { usize::MAX } else { 1 });

    let faults = checker::compile(&files).unwrap_err();

    let expected = Fault {
        file: file.to_owned(),
        line: Some(line),
        problem,
    };
    assert!(faults.contains(&expected), "{faults:?} lacks {expected:?}");
    assert!(faults.iter().all(|fault| fault.file == file), "{faults:?}");
}

#[test]
fn a_missing_file_is_found() {
    for file in templates().into_keys() {
        let mut files = templates();
        files.remove(&file);

        let faults = checker::compile(&files).unwrap_err();

        assert_eq!(messages(&faults), [format!("{file}: the file does not exist")]);
    }
}

#[test]
fn a_language_needs_all_of_its_files_and_english_is_required() {
    let mut files = templates();
    files.insert("fr/reset.txt".to_owned(), files["en/reset.txt"].clone());
    let started = checker::compile(&files).unwrap_err();
    files.retain(|file, _| !file.starts_with("fr/") && !file.starts_with("en/"));
    let without_english = checker::compile(&files).unwrap_err();

    let missing_in = |language: &str, present: &str| -> Vec<String> {
        let files = templates()
            .into_keys()
            .filter_map(|file| Some(file.strip_prefix("en/")?.to_owned()));
        files
            .filter(|file| file != present)
            .map(|file| format!("{language}/{file}: the file does not exist"))
            .collect()
    };
    assert_eq!(messages(&started), missing_in("fr", "reset.txt"));
    assert_eq!(messages(&without_english), missing_in("en", ""));
}

#[test]
fn a_file_that_no_letter_has_is_found() {
    for file in ["en/resset.txt", "en/reset.md", "frame.txt", "en/more/reset.txt"] {
        let mut files = templates();
        files.insert(file.to_owned(), "text".to_owned());

        let faults = checker::compile(&files).unwrap_err();

        assert_eq!(
            messages(&faults),
            [format!("{file}: no letter has a file of this name")]
        );
    }
}

#[test]
fn an_empty_file_is_found() {
    let mut files = templates();
    files.insert("en/address-taken.txt".to_owned(), "\n \n".to_owned());

    let faults = checker::compile(&files).unwrap_err();

    assert_eq!(
        messages(&faults),
        [
            "en/address-taken.txt:1: the file has no text",
            "en/address-taken.txt:1: the variable `service` is missing"
        ]
    );
}

#[test]
fn all_faults_are_reported_at_once() {
    let mut files = templates();
    for file in ["de/reset.txt", "en/reset.html"] {
        let text = files.get_mut(file).unwrap();
        *text = text.replace("{{link}}", "{{one}} {{two}}");
    }

    let faults = checker::compile(&files).unwrap_err();

    let unknown = faults
        .iter()
        .filter(|fault| matches!(fault.problem, Problem::UnknownVariable(_)));
    assert_eq!(unknown.count(), 2 + 4, "{:?}", messages(&faults));
}

fn messages(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

/// Returns the templates of this crate.
fn templates() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut files = Files::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files.insert(name(&path), fs::read_to_string(&path).unwrap());
            continue;
        }
        for entry in fs::read_dir(&path).unwrap() {
            let within = entry.unwrap().path();
            let file = format!("{}/{}", name(&path), name(&within));
            files.insert(file, fs::read_to_string(&within).unwrap());
        }
    }
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
