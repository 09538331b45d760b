//! The letters as people get them, and the faults of templates.

#![cfg(test)]

#[path = "../../checker/mod.rs"]
mod checker;
mod content;
mod faults;
mod html;
mod samples;
mod values;

use letters::{LANGUAGES, Letter, Rendered};

/// Returns every sample with its language and name.
fn rendered() -> Vec<(String, Letter<'static>, Rendered)> {
    rendered_from(&samples::letters())
}

/// Returns these letters in every language, each with its language and name.
fn rendered_from<'a>(letters: &[(&str, Letter<'a>)]) -> Vec<(String, Letter<'a>, Rendered)> {
    let pairs = LANGUAGES
        .iter()
        .flat_map(|language| letters.iter().map(move |letter| (language, letter)));
    pairs
        .map(|(language, (name, letter))| (format!("{language}/{name}"), *letter, letters::render(language, letter)))
        .collect()
}
