//! The letters that the service sends: subject, plain text and HTML, in each language. The templates in `templates/`
//! are checked and compiled in when this crate is built.
//!
//! ```
//! use letters::{Letter, language, render};
//!
//! let letter = Letter::Invite {
//!     link: "https://example.com/register/confirm?token=eyJ",
//!     service: "Example",
//! };
//!
//! let rendered = render(language("de-AT", "en"), &letter);
//!
//! assert_eq!(rendered.subject, "Ihre Einladung zu Example");
//! assert!(rendered.text.contains("\nhttps://example.com/register/confirm?token=eyJ\n"));
//! ```

mod encoding;
mod language;
mod letter;
mod template;

pub use language::{LANGUAGES, language};
pub use letter::{Letter, Notice};

use encoding::{clean, escape_html, fill};
use template::{Value, Variable};

/// A letter as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject: one line without control characters.
    pub subject: String,
    /// The plain text. Its lines have at most 76 characters, except if one word is longer, such as a link.
    pub text: String,
    /// The same as a page in HTML, which loads nothing.
    pub html: String,
}

/// Returns a letter in a language. If the language is not one of [`LANGUAGES`], the letter is in English.
#[must_use]
pub fn render(language: &str, letter: &Letter<'_>) -> Rendered {
    let language = self::language(language, template::DEFAULT_LANGUAGE);
    let (translations, values) = letter.parts();
    let template = translations.template(language);
    let mut values: Vec<Value> = values
        .into_iter()
        .map(|(variable, value)| (variable, clean(value)))
        .collect();
    let subject = clean(&template::write(template.subject, &values, |value| value.into()));
    let text = fill(&template::write(template.text, &values, |value| value.into()));
    values.push((Variable::Language, language.to_owned()));
    values.push((Variable::Subject, subject.clone()));
    let html = template::write(template.html, &values, escape_html);
    Rendered { subject, text, html }
}
