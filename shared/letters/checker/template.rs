//! One template: its text and its variables.

use super::{
    fault::Problem,
    form::{OPTIONAL, Part, Requirements},
};

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// A checked template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text.
    Text(String),
    /// The value of a variable.
    Variable(String),
    /// Pieces that a letter has only if it has [`OPTIONAL`].
    If(Vec<Self>),
}

/// A problem with the line where it is.
pub(crate) type Located = (Option<usize>, Problem);

impl Template {
    /// Parses the text of a file.
    ///
    /// # Errors
    /// If the text is not a template, or does not meet the requirements.
    pub(crate) fn parse(text: &str, requirements: &Requirements) -> Result<Self, Vec<Located>> {
        let mut parser = Parser::new(requirements);
        if text.trim().is_empty() {
            parser.problems.push((Some(1), Problem::Empty));
        }
        let text = if requirements.part == Part::Subject {
            text.trim_end_matches('\n')
        } else {
            text
        };
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            parser.line = number;
            if requirements.part == Part::Subject && number == 2 {
                parser.report(Problem::SeveralLines);
            }
            parser.read_line(line);
        }
        parser.finish()
    }
}

/// The state of a parser, which reads one line after another.
struct Parser<'a> {
    requirements: &'a Requirements,
    line: usize,
    pieces: Vec<Piece>,
    /// The line of the `if` whose `end` is still to come, with the pieces before the `if`.
    outside: Option<(usize, Vec<Piece>)>,
    used: Vec<String>,
    problems: Vec<Located>,
}

impl<'a> Parser<'a> {
    const fn new(requirements: &'a Requirements) -> Self {
        Self {
            requirements,
            line: 1,
            pieces: Vec::new(),
            outside: None,
            used: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn report(&mut self, problem: Problem) {
        self.problems.push((Some(self.line), problem));
    }

    fn read_line(&mut self, line: &str) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once(OPEN) {
            self.add_text(before);
            let Some((tag, after)) = after.split_once(CLOSE) else {
                return self.report(Problem::Unclosed);
            };
            self.read_tag(tag, before);
            rest = after;
        }
        self.add_text(rest);
    }

    fn add_text(&mut self, text: &str) {
        if text.contains(CLOSE) {
            self.report(Problem::NotOpened);
        }
        if let Some(Piece::Text(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else if !text.is_empty() {
            self.pieces.push(Piece::Text(text.to_owned()));
        }
    }

    /// Reads what is between the braces. `before` is the text in front of them, on the same line.
    fn read_tag(&mut self, tag: &str, before: &str) {
        if let Some(name) = tag.strip_prefix("if ") {
            self.begin_if(name);
        } else if tag == "end" {
            self.end_if();
        } else if self.is_known(tag) {
            if tag == OPTIONAL && self.outside.is_none() {
                self.report(Problem::Unconditional(tag.to_owned()));
            }
            if self.requirements.part == Part::Html && before.trim_end_matches('\'').trim_end().ends_with('=') {
                self.report(Problem::Unquoted(tag.to_owned()));
            }
            self.used.push(tag.to_owned());
            self.pieces.push(Piece::Variable(tag.to_owned()));
        }
    }

    fn begin_if(&mut self, name: &str) {
        if self.is_known(name) && name != OPTIONAL {
            self.report(Problem::AlwaysPresent(name.to_owned()));
        }
        if self.outside.is_some() {
            self.report(Problem::Nested);
        } else {
            self.outside = Some((self.line, std::mem::take(&mut self.pieces)));
        }
    }

    fn end_if(&mut self) {
        let Some((_, outside)) = self.outside.take() else {
            return self.report(Problem::EndWithoutIf);
        };
        let inside = std::mem::replace(&mut self.pieces, outside);
        self.pieces.push(Piece::If(inside));
    }

    /// Returns whether the letter has this variable, and reports it otherwise.
    fn is_known(&mut self, name: &str) -> bool {
        let is_known = self.requirements.variables.contains(&name);
        if !is_known {
            self.report(Problem::UnknownVariable(name.to_owned()));
        }
        is_known
    }

    fn finish(mut self) -> Result<Template, Vec<Located>> {
        if let Some((line, _)) = self.outside {
            self.problems.push((Some(line), Problem::NoEnd));
        }
        let variables = self.requirements.variables.iter();
        let missing = variables.filter(|name| !self.used.iter().any(|used| used == *name));
        let missing: Vec<Located> = missing
            .map(|name| (Some(1), Problem::MissingVariable((*name).to_owned())))
            .collect();
        self.problems.extend(missing);
        if self.problems.is_empty() {
            Ok(Template { pieces: self.pieces })
        } else {
            Err(self.problems)
        }
    }
}
