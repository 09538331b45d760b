//! The Rust code of checked templates.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    DEFAULT_LANGUAGE,
    template::{Piece, Template},
};

/// The variable of the frame that stands for the HTML of the letter itself.
const CONTENT: &str = "content";

/// The templates of a letter in one language.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) subject: Template,
    pub(crate) text: Template,
    pub(crate) html: Template,
}

/// Returns the code of a module: the languages, and a static variable for each letter.
pub(crate) fn render(
    frame: &Template,
    letters: &BTreeMap<(&str, &str), Letter>,
    names: &[&str],
    languages: &BTreeSet<&str>,
) -> String {
    let statics = names.iter().map(|name| {
        let translation = |language: &&str| {
            let letter = letters.get(&(*name, *language));
            letter.map(|letter| letter_code(frame, letter)).unwrap_or_default()
        };
        let others = languages.iter().filter(|language| **language != DEFAULT_LANGUAGE);
        let others = others.map(|language| format!("({language:?}, {}),\n", translation(language)));
        let others = others.collect::<Vec<_>>().concat();
        format!(
            "pub(crate) static {}: Translations = Translations {{ default: {}, others: &[{others}] }};\n",
            name.replace('-', "_").to_uppercase(),
            translation(&DEFAULT_LANGUAGE),
        )
    });
    let statics: String = statics.collect();
    let languages: Vec<&str> = languages.iter().copied().collect();
    format!(
        "pub(crate) const LANGUAGES: &[&str] = &{languages:?};\n\
         pub(crate) const DEFAULT_LANGUAGE: &str = {DEFAULT_LANGUAGE:?};\n{statics}"
    )
}

fn letter_code(frame: &Template, letter: &Letter) -> String {
    let Letter { subject, text, html } = letter;
    let content = Piece::Variable(CONTENT.to_owned());
    let framed = frame.pieces.iter().flat_map(|piece| {
        if *piece == content {
            html.pieces.clone()
        } else {
            vec![piece.clone()]
        }
    });
    let framed: Vec<Piece> = framed.collect();
    format!(
        "Template {{ subject: {}, text: {}, html: {} }}",
        pieces_code(&subject.pieces),
        pieces_code(&text.pieces),
        pieces_code(&framed),
    )
}

fn pieces_code(pieces: &[Piece]) -> String {
    let pieces: String = pieces.iter().map(piece_code).collect();
    format!("&[{pieces}]")
}

fn piece_code(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => format!("Piece::Text({text:?}),"),
        Piece::Variable(name) => format!("Piece::Variable(Variable::{}),", camel_case(name)),
        Piece::If(inside) => format!("Piece::IfCode({}),", pieces_code(inside)),
    }
}

fn camel_case(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
