//! The lines of a CSV file (RFC 4180) whose header names the columns, in any order.

use std::{fmt, io::BufRead};

use anyhow::{Context as _, ensure};
use csv::{ReaderBuilder, StringRecord, Terminator, Trim};
use serde_json::{Map, Value};

use super::{
    column::Column, csv_record::CsvRecord, line::Line, malformed::Malformed, refusal::Refusal, text_lines::TextLines,
};

/// Reads user after user. The `csv` crate reads one record at a time, so that none of them, whatever is wrong with it,
/// keeps another from being read.
pub(super) struct CsvLines<R> {
    lines: TextLines<R>,
    columns: Vec<Column>,
}

impl<R: BufRead> CsvLines<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When it cannot be read, lacks a column that is needed, or has one twice or one that is unknown.
    pub(super) fn new(input: R) -> anyhow::Result<Self> {
        let mut lines = TextLines::new(input);
        let header = match CsvRecord::read(&mut lines)? {
            Some(record) => cells(&record.text.context("the header cannot be read")?),
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
            // What was read for this record may be others.
            self.lines.put_back(record.further);
        }
        Ok(Some(line))
    }

    /// An empty cell says nothing.
    fn line(&self, record: &CsvRecord) -> Result<Line, Refusal> {
        let refused = |reason: &dyn fmt::Display| Refusal::new(record.number, None, reason);
        let text = record.text.as_ref().map_err(|malformed| refused(malformed))?;
        let cells = cells(text).ok_or_else(|| refused(&"is not UTF-8"))?;
        let (count, expected) = (cells.len(), self.columns.len());
        if count != expected {
            return Err(refused(&format!(
                "the header has {expected} columns, and this has {count}"
            )));
        }
        let said: Vec<(Column, &str)> = self.columns.iter().copied().zip(&cells).collect();
        if said.iter().any(|(column, cell)| !may_span_lines(*column, cell)) {
            return Err(refused(&Malformed::OpenQuote));
        }
        let said = said.into_iter().filter(|(_, cell)| !cell.is_empty());
        Ok(Line {
            number: record.number,
            values: said.map(|(column, cell)| (column, cell.into())).collect(),
        })
    }
}

impl<R: BufRead> Iterator for CsvLines<R> {
    type Item = anyhow::Result<Result<Line, Refusal>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// Whether a cell is in one line, or may be in several: only JSON is, so that a quote which is left open never takes other
/// users' lines with it.
fn may_span_lines(column: Column, cell: &str) -> bool {
    !cell.contains('\n') || column == Column::CustomClaims && serde_json::from_str::<Map<String, Value>>(cell).is_ok()
}

fn cells(record: &[u8]) -> Option<StringRecord> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .trim(Trim::All)
        // A carriage return by itself ends nothing.
        .terminator(Terminator::Any(b'\n'))
        .buffer_capacity(record.len())
        .from_reader(record);
    reader.records().next()?.ok()
}

fn columns(header: &StringRecord) -> anyhow::Result<Vec<Column>> {
    for column in Column::ALL {
        let name = column.name();
        let count = header.iter().filter(|found| *found == name).count();
        ensure!(count <= 1, "the header has the column {name} {count} times");
        // Where it is missing, the first line may be no header, and not to be shown.
        ensure!(
            count == 1 || !Column::REQUIRED.contains(&column),
            "the first line lacks the column {name}: is it a header?"
        );
    }
    let unknown: Vec<&str> = header.iter().filter(|name| Column::named(name).is_none()).collect();
    let known = Column::ALL.map(Column::name).join(", ");
    ensure!(
        unknown.is_empty(),
        "the header has unknown columns: {unknown:?}; the known ones are {known}"
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
    fn a_line_that_is_none_is_told_and_the_next_one_is_read() {
        let text = b"email,password_hash\na@example.com\nb@example.com,\xff\nc@example.com,h,more\nd@example.com,h\n";

        let lines = read(text);

        let told: Vec<String> = lines
            .iter()
            .filter_map(|line| Some(line.as_ref().err()?.to_string()))
            .collect();
        let expected = [
            "line 2: the header has 2 columns, and this has 1",
            "line 3: is not UTF-8",
            "line 4: the header has 2 columns, and this has 3",
        ];
        assert_eq!(told, expected);
        assert_eq!(lines[3].as_ref().unwrap().number, 5);
    }

    #[test]
    fn a_header_that_cannot_be_gone_by_is_refused_with_the_names_that_are_wrong() {
        for (header, told) in [
            ("email,password_hash,plan,Role", r#"unknown columns: ["plan", "Role"]"#),
            ("email,role", "lacks the column password_hash: is it a header?"),
            ("", "lacks the column email"),
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
            "the first line lacks the column email: is it a header?"
        );
    }

    #[test]
    fn a_record_that_is_none_takes_no_other_with_it() {
        let long = format!("a@example.com,{}", "h".repeat(70_000));
        let good = "b@example.com,\"h\"";
        for (bad, reason) in [
            (long.as_str(), "is longer than 65536 bytes"),
            (&format!("\"{long}\""), "is longer than 65536 bytes"),
            ("a@example.com,\"h", "a quote is left open"),
            ("\"a@example.com,h", "a quote is left open"),
            ("a@example.com,h,\"", "a quote is left open"),
            ("a@example.com,\"h\"x", "a quote inside a cell is not doubled"),
            ("a@example.com\rh", "the header has 2 columns, and this has 1"),
        ] {
            for end in ["\n", "\r\n"] {
                let text = ["email,password_hash", good, bad, good, good].join(end);

                let lines = read(text.as_bytes());

                let told: Vec<String> = lines.iter().map(told).collect();
                let expected = ["line 2", &format!("line 3: {reason}"), "line 4", "line 5"];
                assert_eq!(told, expected, "{bad:.40}");
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

                let told: Vec<String> = read(text.as_bytes()).iter().map(told).collect();

                let open = |line: u8| format!("line {line}: a quote is left open");
                let expected = [&open(2), "line 3", "line 4", &open(5), "line 6", "line 7"];
                assert_eq!(told, expected, "{bad} {others}");
            }
        }
    }

    fn told(line: &Result<Line, Refusal>) -> String {
        match line {
            Ok(line) => format!("line {}", line.number),
            Err(refusal) => refusal.to_string(),
        }
    }

    fn read(text: &[u8]) -> Vec<Result<Line, Refusal>> {
        CsvLines::new(text).unwrap().map(Result::unwrap).collect()
    }
}
