//! Checks templates and compiles them to Rust. The build script uses this module, and so do the tests of its faults.
//!
//! A template is text with variables, such as `{{link}}`. The lines between `{{if code}}` and `{{end}}` are left out of
//! a letter without a code.

mod code;
mod fault;
mod form;
mod template;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use fault::{Fault, Problem};

use form::{FORMS, Part, Requirements};
use template::Template;

/// The files of the folder `templates`: each path with its text. A path has slashes.
pub(crate) type Files = BTreeMap<String, String>;

/// The HTML around the letters of all languages.
const FRAME_FILE: &str = "frame.html";
/// The language of a letter whose language has no templates.
const DEFAULT_LANGUAGE: &str = "en";

/// Checks all templates, and returns the code of a module with the compiled templates.
///
/// # Errors
/// If there are faults. All of them are returned, in the order of their files.
pub(crate) fn compile(files: &Files) -> Result<String, Vec<Fault>> {
    let mut checked = Checked::default();
    let frame = checked.template(files, FRAME_FILE, &Requirements::of_frame());
    let mut languages: BTreeSet<&str> = files
        .keys()
        .filter_map(|file| file.split_once('/'))
        .map(|(language, _)| language)
        .collect();
    languages.insert(DEFAULT_LANGUAGE);
    let mut letters = BTreeMap::new();
    for language in &languages {
        for form in &FORMS {
            let [subject, text, html] = Part::ALL.map(|part| {
                let file = format!("{language}/{}.{}", form.name, part.extension());
                checked.template(files, &file, &form.requirements(part))
            });
            letters.insert((form.name, *language), code::Letter { subject, text, html });
        }
    }
    checked.refuse_others(files);
    if checked.faults.is_empty() {
        let names: Vec<&str> = FORMS.iter().map(|form| form.name).collect();
        Ok(code::render(&frame, &letters, &names, &languages))
    } else {
        checked.faults.sort();
        Err(checked.faults)
    }
}

/// The faults so far, and the files that were checked.
#[derive(Default)]
struct Checked {
    faults: Vec<Fault>,
    files: BTreeSet<String>,
}

impl Checked {
    /// Checks one file. Returns an empty template if the file has a fault.
    fn template(&mut self, files: &Files, file: &str, requirements: &Requirements) -> Template {
        self.files.insert(file.to_owned());
        let checked = files
            .get(file)
            .ok_or_else(|| vec![(None, Problem::NoFile)])
            .and_then(|text| Template::parse(text, requirements));
        checked.unwrap_or_else(|problems| {
            let faults = problems.into_iter().map(|(line, problem)| Fault {
                file: file.to_owned(),
                line,
                problem,
            });
            self.faults.extend(faults);
            Template::default()
        })
    }

    /// Refuses files that are not part of any letter, such as a misspelt one.
    fn refuse_others(&mut self, files: &Files) {
        let others = files.keys().filter(|file| !self.files.contains(*file));
        let faults: Vec<Fault> = others
            .map(|file| Fault {
                file: file.clone(),
                line: None,
                problem: Problem::UnknownFile,
            })
            .collect();
        self.faults.extend(faults);
    }
}
