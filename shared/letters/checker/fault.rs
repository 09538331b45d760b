//! The faults that templates can have.

use std::fmt;

/// A fault of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// The file, relative to the folder of all templates.
    pub(crate) file: String,
    /// The line, which starts at 1. It is `None` if the fault is that of the whole file.
    pub(crate) line: Option<usize>,
    /// What is wrong.
    pub(crate) problem: Problem,
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Problem {
    /// A required file does not exist.
    NoFile,
    /// No letter has a file of this name.
    UnknownFile,
    /// The file has no text.
    Empty,
    /// A subject has several lines.
    SeveralLines,
    /// `{{` is not followed by `}}` on its line.
    Unclosed,
    /// `}}` has no `{{` before it.
    NotOpened,
    /// The letter has no variable of this name.
    UnknownVariable(String),
    /// The template does not use this variable.
    MissingVariable(String),
    /// The variable is not in `{{if ...}}`, although some letters do not have it.
    Unconditional(String),
    /// `{{if ...}}` names a variable that every letter has.
    AlwaysPresent(String),
    /// `{{if ...}}` is within another one.
    Nested,
    /// `{{if ...}}` has no `{{end}}`.
    NoEnd,
    /// `{{end}}` has no `{{if ...}}`.
    EndWithoutIf,
    /// The value of an attribute is not in double quotes, so escaping cannot protect it.
    Unquoted(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, problem } = self;
        match line {
            Some(line) => write!(formatter, "{file}:{line}: {problem}"),
            None => write!(formatter, "{file}: {problem}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFile => write!(formatter, "the file does not exist"),
            Self::UnknownFile => write!(formatter, "no letter has a file of this name"),
            Self::Empty => write!(formatter, "the file has no text"),
            Self::SeveralLines => write!(formatter, "a subject must be one line"),
            Self::Unclosed => write!(formatter, "`{{{{` is not closed on its line"),
            Self::NotOpened => write!(formatter, "`}}}}` has no `{{{{` before it"),
            Self::UnknownVariable(name) => write!(formatter, "the letter has no variable `{name}`"),
            Self::MissingVariable(name) => write!(formatter, "the variable `{name}` is missing"),
            Self::Unconditional(name) => write!(formatter, "`{name}` must be in `{{{{if {name}}}}}`"),
            Self::AlwaysPresent(name) => write!(formatter, "every letter has `{name}`, so it needs no `if`"),
            Self::Nested => write!(formatter, "an `if` must not be within another one"),
            Self::NoEnd => write!(formatter, "the `if` has no `{{{{end}}}}`"),
            Self::EndWithoutIf => write!(formatter, "`{{{{end}}}}` has no `if`"),
            Self::Unquoted(name) => write!(formatter, "the attribute with `{name}` must be in double quotes"),
        }
    }
}
