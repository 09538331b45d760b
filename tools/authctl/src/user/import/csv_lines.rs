//! The reader of the users in a CSV file (RFC 4180). The file's header names the columns, in any order.

use std::{fmt, io::BufRead};

use anyhow::{Context as _, ensure};
use csv::{ReaderBuilder, StringRecord, Terminator, Trim};
use serde_json::{Map, Value};

use super::{csv_record::CsvRecord, line::Line, malformed::Malformed, refusal::Refusal, text_lines::TextLines};
use crate::user::column::Column;

/// The reader of a CSV file. It gives the `csv` crate one record at a time, so that a broken record never prevents
/// another from being read.
pub(super) struct CsvLines<R> {
    lines: TextLines<R>,
    columns: Vec<Column>,
}

impl<R: BufRead> CsvLines<R> {
    /// Reads the header, and returns a reader of the users in the lines after it.
    ///
    /// # Errors
    /// If the header cannot be read, lacks a required column, or has a duplicate or unknown one.
    pub(super) fn new(input: R) -> anyhow::Result<Self> {
        let mut lines = TextLines::new(input);
        let header = match CsvRecord::read(&mut lines)? {
            Some(record) => cells(&record.text.context("cannot read the header")?),
            None => None,
        };
        let columns = columns(&header.unwrap_or_default())?;
        Ok(Self { lines, columns })
    }

    fn read(&mut self) -> anyhow::Result<Option<Result<Line, Refusal>>> {
        let Some(record) = CsvRecord::read(&mut self.lines)? else {
            return Ok(None);
        };
        let line = self.line(&record);
        if line.is_err() {
            // The other lines that were read for this record may be records themselves, so they are read again.
            self.lines.put_back(record.further);
        }
        Ok(Some(line))
    }

    /// Returns the values of a record. An empty cell is left out.
    fn line(&self, record: &CsvRecord) -> Result<Line, Refusal> {
        let refused = |reason: &dyn fmt::Display| Refusal::new(record.number, None, reason);
        let text = record.text.as_ref().map_err(|malformed| refused(malformed))?;
        let cells = cells(text).ok_or_else(|| refused(&"not UTF-8"))?;
        let (count, expected) = (cells.len(), self.columns.len());
        if count != expected {
            return Err(refused(&format!("expected {expected} columns, found {count}")));
        }
        let requested: Vec<(Column, &str)> = self.columns.iter().copied().zip(&cells).collect();
        if requested.iter().any(|(column, cell)| !may_span_lines(*column, cell)) {
            return Err(refused(&Malformed::OpenQuote));
        }
        let requested = requested.into_iter().filter(|(_, cell)| !cell.is_empty());
        Ok(Line {
            number: record.number,
            values: requested.map(|(column, cell)| (column, cell.into())).collect(),
        })
    }
}

impl<R: BufRead> Iterator for CsvLines<R> {
    type Item = anyhow::Result<Result<Line, Refusal>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// Returns whether the line breaks in a cell are permitted. Only a JSON object of custom claims may span several lines.
/// In any other column, an unclosed quote could take in the lines of other users.
fn may_span_lines(column: Column, cell: &str) -> bool {
    !cell.contains('\n') || column == Column::CustomClaims && serde_json::from_str::<Map<String, Value>>(cell).is_ok()
}

fn cells(record: &[u8]) -> Option<StringRecord> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .trim(Trim::All)
        // A carriage return alone does not end a line.
        .terminator(Terminator::Any(b'\n'))
        .buffer_capacity(record.len())
        .from_reader(record);
    reader.records().next()?.ok()
}

fn columns(header: &StringRecord) -> anyhow::Result<Vec<Column>> {
    for column in Column::ALL {
        let name = column.name();
        let count = header.iter().filter(|found| *found == name).count();
        ensure!(
            count <= 1,
            "the header has the column {name} {count} times: remove the extra ones"
        );
        // If the header is missing, the first line is a user and must not be shown.
        ensure!(
            count == 1 || !Column::REQUIRED.contains(&column),
            "the header has no column {name}: the first line must name the columns"
        );
    }
    let unknown: Vec<&str> = header.iter().filter(|name| Column::named(name).is_none()).collect();
    let known = Column::ALL.map(Column::name).join(", ");
    ensure!(
        unknown.is_empty(),
        "the header has unknown columns {unknown:?}; the columns are {known}"
    );
    Ok(header.iter().filter_map(Column::named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_by_the_header_in_any_order() {
        let text = "\u{feff}custom_claims, password_hash,email\r\n,h1,ada@example.com\r\n\r\n\"{\n}\",h2,\"grace@example.com\"\n{},h3,c@example.com";

        let lines: Vec<Line> = read(text.as_bytes()).into_iter().map(Result::unwrap).collect();

        let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [2, 4, 6]);
        assert!(!lines[0].values.contains_key(&Column::CustomClaims));
        assert_eq!(lines[0].values[&Column::Email], "ada@example.com");
        assert_eq!(lines[1].values[&Column::CustomClaims], "{\n}");
        assert_eq!(lines[1].values[&Column::PasswordHash], "h2");
        assert_eq!(lines[2].values[&Column::CustomClaims], "{}");
    }

    #[test]
    fn an_invalid_line_is_reported_and_the_next_one_is_read() {
        let text = b"email,password_hash\na@example.com\nb@example.com,\xff\nc@example.com,h,more\nd@example.com,h\n";

        let lines = read(text);

        let described: Vec<String> = lines
            .iter()
            .filter_map(|line| Some(line.as_ref().err()?.to_string()))
            .collect();
        let expected = [
            "line 2: expected 2 columns, found 1",
            "line 3: not UTF-8",
            "line 4: expected 2 columns, found 3",
        ];
        assert_eq!(described, expected);
        assert_eq!(lines[3].as_ref().unwrap().number, 5);
    }

    #[test]
    fn an_invalid_header_is_refused_with_its_wrong_names() {
        for (header, told) in [
            ("email,password_hash,plan,Role", r#"unknown columns ["plan", "Role"]"#),
            (
                "email,role",
                "no column password_hash: the first line must name the columns",
            ),
            ("", "no column email"),
            ("email,password_hash,email", "has the column email 2 times"),
        ] {
            let error = CsvLines::new(header.as_bytes()).err().unwrap();

            assert!(error.to_string().contains(told), "{error}");
        }
    }

    #[test]
    fn a_first_line_that_is_no_header_is_not_shown() {
        let error = CsvLines::new(&b"ada@example.com,canary\n"[..]).err().unwrap();

        assert_eq!(
            error.to_string(),
            "the header has no column email: the first line must name the columns"
        );
    }

    #[test]
    fn an_invalid_record_does_not_affect_the_next_one() {
        let long = format!("a@example.com,{}", "h".repeat(70_000));
        let good = "b@example.com,\"h\"";
        for (bad, reason) in [
            (long.as_str(), "longer than 65536 bytes"),
            (&format!("\"{long}\""), "longer than 65536 bytes"),
            ("a@example.com,\"h", "unclosed quote"),
            ("\"a@example.com,h", "unclosed quote"),
            ("a@example.com,h,\"", "unclosed quote"),
            ("a@example.com,\"h\"x", "a quote inside a cell is not doubled"),
            ("a@example.com\rh", "expected 2 columns, found 1"),
        ] {
            for end in ["\n", "\r\n"] {
                let text = ["email,password_hash", good, bad, good, good].join(end);

                let lines = read(text.as_bytes());

                let described: Vec<String> = lines.iter().map(describe).collect();
                let expected = ["line 2", &format!("line 3: {reason}"), "line 4", "line 5"];
                assert_eq!(described, expected, "{bad:.40}");
            }
        }
    }

    #[test]
    fn a_quote_that_is_left_open_does_not_pair_with_the_next_one_that_is() {
        for others in [
            "b@example.com,h,\nc@example.com,h,",
            "b@example.com,h,\nc@example.com,h,{}",
            "\"b@example.com\",\"h\",\"\"\n\"c@example.com\",\"h\",\"{}\"",
        ] {
            for bad in ["a@example.com,\"h,", "a@example.com,h,\"{", "\"a@example.com,h,"] {
                let text = format!("email,password_hash,custom_claims\n{bad}\n{others}\n{bad}\n{others}\n");

                let described: Vec<String> = read(text.as_bytes()).iter().map(describe).collect();

                let open = |line: u8| format!("line {line}: unclosed quote");
                let expected = [&open(2), "line 3", "line 4", &open(5), "line 6", "line 7"];
                assert_eq!(described, expected, "{bad} {others}");
            }
        }
    }

    fn describe(line: &Result<Line, Refusal>) -> String {
        match line {
            Ok(line) => format!("line {}", line.number),
            Err(refusal) => refusal.to_string(),
        }
    }

    fn read(text: &[u8]) -> Vec<Result<Line, Refusal>> {
        CsvLines::new(text).unwrap().map(Result::unwrap).collect()
    }
}
