//! The compiled templates.

use std::borrow::Cow;

include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// A letter in all languages.
#[derive(Debug)]
pub(crate) struct Translations {
    default: Template,
    others: &'static [(&'static str, Template)],
}

/// A letter in one language.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) subject: &'static [Piece],
    pub(crate) text: &'static [Piece],
    pub(crate) html: &'static [Piece],
}

/// A piece of a template.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Text.
    Text(&'static str),
    /// The value of a variable.
    Variable(Variable),
    /// Pieces that a letter has only if it has a code.
    IfCode(&'static [Self]),
}

/// What differs from one letter of a kind to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    At,
    Code,
    Forgot,
    Language,
    Link,
    Login,
    Service,
    Subject,
}

/// A variable with its value.
pub(crate) type Value = (Variable, String);

impl Translations {
    /// Returns the letter in a language, or in the default language.
    pub(crate) fn template(&self, language: &str) -> &Template {
        let found = self.others.iter().find(|(other, _)| *other == language);
        found.map_or(&self.default, |(_, template)| template)
    }
}

/// Returns the text of the pieces, with each value as `encode` returns it.
pub(crate) fn write(pieces: &[Piece], values: &[Value], encode: fn(&str) -> Cow<'_, str>) -> String {
    let value = |wanted| values.iter().find(|(variable, _)| *variable == wanted);
    let parts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => Cow::Borrowed(*text),
        Piece::Variable(variable) => value(*variable).map(|(_, value)| encode(value)).unwrap_or_default(),
        Piece::IfCode(inside) if value(Variable::Code).is_some() => write(inside, values, encode).into(),
        Piece::IfCode(_) => Cow::Borrowed(""),
    });
    parts.collect()
}
