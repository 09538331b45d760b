//! The reader of the users in a JSONL file. Each line is an object whose members are the columns.

use std::{collections::BTreeMap, fmt, io::BufRead};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::Value;

use super::{
    line::Line,
    malformed::Malformed,
    refusal::Refusal,
    text_lines::{TextLine, TextLines},
};
use crate::user::column::Column;

/// The reader of a JSONL file.
pub(super) struct JsonLines<R>(TextLines<R>);

impl<R: BufRead> JsonLines<R> {
    pub(super) const fn new(input: R) -> Self {
        Self(TextLines::new(input))
    }

    fn read(&mut self) -> anyhow::Result<Option<Result<Line, Refusal>>> {
        while let Some(TextLine { number, text }) = self.0.read()? {
            let Some(text) = text else {
                return Ok(Some(Err(Refusal::new(number, None, Malformed::TooLong))));
            };
            match text.trim_ascii() {
                [] => {}
                text => return Ok(Some(line(number, text))),
            }
        }
        Ok(None)
    }
}

impl<R: BufRead> Iterator for JsonLines<R> {
    type Item = anyhow::Result<Result<Line, Refusal>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn line(number: u64, text: &[u8]) -> Result<Line, Refusal> {
    if !text.starts_with(b"{") {
        return Err(Refusal::new(number, None, "not a JSON object"));
    }
    let parsed = serde_json::from_slice(text).map(|Members(values)| Line { number, values });
    parsed.map_err(|error| Refusal::new(number, None, describe_error(&error)))
}

/// Returns the error and its column. The line number is left out, since the parser sees one line only.
fn describe_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("{what}, at column {}", error.column())
}

/// The JSON object of a line. Each member is a column and may occur only once. A member that is null is left out.
struct Members(BTreeMap<Column, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor).map(Self)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = BTreeMap<Column, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut values = BTreeMap::new();
        while let Some(name) = members.next_key::<String>()? {
            let column = Column::named(&name).ok_or_else(|| A::Error::custom(format!("unknown member {name:?}")))?;
            if values.insert(column, members.next_value()?).is_some() {
                return Err(A::Error::custom(format!("duplicate member {name:?}")));
            }
        }
        values.retain(|_, value: &mut Value| !value.is_null());
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_object() {
        let text = "\u{feff}{\"email\":\"ada@example.com\",\"epoch\":7,\"role\":null}\r\n\n  \n{\"custom_claims\":{\"a\":[1]}}";

        let lines: Vec<Line> = read(text.as_bytes()).into_iter().map(Result::unwrap).collect();

        assert_eq!((lines[0].number, lines[1].number, lines.len()), (1, 4, 2));
        assert_eq!(lines[0].values[&Column::Epoch], 7);
        assert!(!lines[0].values.contains_key(&Column::Role));
        assert_eq!(lines[1].values[&Column::CustomClaims]["a"][0], 1);
    }

    #[test]
    fn an_invalid_line_is_reported_without_its_values_and_the_next_is_read() {
        let long = format!("{{\"email\":\"{}\"}}", "a".repeat(70_000)).into_bytes();
        for (text, told) in [
            (&b"\"canary\""[..], "line 1: not a JSON object"),
            (b"[\"canary\"]", "line 1: not a JSON object"),
            (
                b"{\"email\":\"canary\"",
                "line 1: EOF while parsing an object, at column 17",
            ),
            (b"{\"email\":\"canary\"}{}", "line 1: trailing characters, at column 19"),
            (b"{\"email\":canary}", "line 1: expected value, at column 10"),
            (
                b"{\"email\":\"canary\xff\"}",
                "line 1: invalid unicode code point, at column 17",
            ),
            (b"{\"plan\":\"canary\"}", "line 1: unknown member \"plan\", at column 7"),
            (
                b"{\"email\":\"canary\",\"email\":\"canary\"}",
                "line 1: duplicate member \"email\", at column 35",
            ),
            (b"{\"epoch\":1e999}", "line 1: number out of range, at column 14"),
            (b"\0", "line 1: not a JSON object"),
            (
                b"{\"email\":\"canary\0\"}",
                "line 1: control character (\\u0000-\\u001F) found while parsing a string, at column 17",
            ),
            (b"\xef\xbb\xbf\xef\xbb\xbf{}", "line 1: not a JSON object"),
            (&long, "line 1: longer than 65536 bytes"),
        ] {
            for end in [&b"\n"[..], b"\r\n"] {
                let lines = read(&[text, end, b"{}"].concat());

                assert_eq!(lines[0].as_ref().unwrap_err().to_string(), told);
                assert_eq!(lines[1].as_ref().unwrap().number, 2);
            }
        }
    }

    fn read(text: &[u8]) -> Vec<Result<Line, Refusal>> {
        JsonLines::new(text).map(Result::unwrap).collect()
    }
}
