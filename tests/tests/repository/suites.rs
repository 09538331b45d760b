//! The modules of the test suites. The tests in a file that no `main.rs` declares would never run.

use crate::{derived::assert_derived, files};

#[test]
fn every_file_of_a_suite_is_one_of_its_modules() {
    let folders = ["functions", "shared", "tools", "tests"].map(files).concat();
    let mains = folders
        .iter()
        .filter(|file| file.contains("/tests/") && file.ends_with("/main.rs"));
    for main in mains {
        let folder = main.trim_end_matches("/main.rs");
        let modules = files(folder).into_iter().filter_map(|file| {
            let module = file.strip_prefix(folder)?.trim_start_matches('/').strip_suffix(".rs")?;
            let module = module.trim_end_matches("/mod").to_owned();
            (module != "main" && !module.contains('/')).then(|| format!("mod {module};"))
        });
        assert_derived(main, |text| with_modules(text, &modules.collect::<Vec<_>>()));
    }
}

/// Adds the missing declarations, each in its alphabetical place.
fn with_modules(text: &str, wanted: &[String]) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    for module in wanted.iter().filter(|module| !text.lines().any(|line| line == *module)) {
        let declared = |line: &&str| line.starts_with("mod ") && line.ends_with(';');
        let after = lines.iter().position(|line| declared(line) && *line > module.as_str());
        let last = lines.iter().rposition(declared).map(|last| last.saturating_add(1));
        lines.insert(after.or(last).unwrap_or_default(), module);
    }
    lines.join("\n") + "\n"
}

#[test]
fn a_missing_module_is_declared_in_its_place() {
    let text = "//! Tests.\n\nmod b;\nmod d;\n\nuse x;\n";

    let changed = with_modules(text, &["mod b;", "mod c;", "mod e;"].map(str::to_owned));

    assert_eq!(changed, "//! Tests.\n\nmod b;\nmod c;\nmod d;\nmod e;\n\nuse x;\n");
}
