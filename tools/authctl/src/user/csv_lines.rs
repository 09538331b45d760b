//! The lines of a CSV file (RFC 4180) whose header names the columns, in any order.

use std::io::BufRead;

use anyhow::{Context as _, ensure};
use csv::{ReaderBuilder, StringRecord, Trim};

use super::{column::Column, line::Line, refusal::Refusal, text_lines::TextLines};

/// Reads user after user. The `csv` crate reads one record at a time, since its own line numbers are those of the line
/// before where lines end as in the RFC.
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
        let header = record(&mut lines)?.map(|(_, header)| cells(&header));
        let header = header.flatten().unwrap_or_default();
        let columns = columns(&header)?;
        Ok(Self { lines, columns })
    }

    fn read(&mut self) -> anyhow::Result<Option<Result<Line, Refusal>>> {
        let record = record(&mut self.lines)?;
        Ok(record.map(|(number, record)| self.line(number, &record)))
    }

    /// An empty cell says nothing.
    fn line(&self, number: u64, record: &[u8]) -> Result<Line, Refusal> {
        let Some(cells) = cells(record) else {
            return Err(Refusal::new(number, None, "is not UTF-8"));
        };
        let (count, expected) = (cells.len(), self.columns.len());
        if count != expected {
            let reason = format!("the header has {expected} columns, and this has {count}");
            return Err(Refusal::new(number, None, reason));
        }
        let said = self.columns.iter().zip(&cells).filter(|(_, cell)| !cell.is_empty());
        Ok(Line {
            number,
            values: said.map(|(column, cell)| (*column, cell.into())).collect(),
        })
    }
}

impl<R: BufRead> Iterator for CsvLines<R> {
    type Item = anyhow::Result<Result<Line, Refusal>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// The next record that is not empty, and the line that it begins in. It ends with the line where every quote is closed.
fn record(lines: &mut TextLines<impl BufRead>) -> anyhow::Result<Option<(u64, Vec<u8>)>> {
    let mut bytes = Vec::new();
    while let Some(first) = lines.append(&mut bytes)? {
        while has_open_quote(&bytes) {
            let more = lines.append(&mut bytes);
            if more
                .with_context(|| format!("line {first}: a quote is left open"))?
                .is_none()
            {
                break;
            }
        }
        if !bytes.trim_ascii().is_empty() {
            return Ok(Some((first, bytes)));
        }
        bytes.clear();
    }
    Ok(None)
}

fn has_open_quote(record: &[u8]) -> bool {
    let between = record.split(|byte| *byte == b'"');
    between.count().is_multiple_of(2)
}

fn cells(record: &[u8]) -> Option<StringRecord> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .trim(Trim::All)
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
        let text = "\u{feff}role, password_hash,email\r\n,h1,ada@example.com\r\n\r\nadmin,\"h\n2\",\"grace@example.com\"\nx,h3,c@example.com";

        let lines: Vec<Line> = read(text.as_bytes()).into_iter().map(Result::unwrap).collect();

        let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [2, 4, 6]);
        assert!(!lines[0].values.contains_key(&Column::Role));
        assert_eq!(lines[0].values[&Column::Email], "ada@example.com");
        assert_eq!(lines[1].values[&Column::PasswordHash], "h\n2");
        assert_eq!(lines[2].values[&Column::Role], "x");
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
    fn a_quote_that_is_left_open_is_found() {
        let text = "email,password_hash\na@example.com,\"h\n".to_owned() + &"b@example.com,h\n".repeat(10_000);

        let error = CsvLines::new(text.as_bytes()).unwrap().next().unwrap().unwrap_err();

        assert_eq!(error.to_string(), "line 2: a quote is left open");
    }

    fn read(text: &[u8]) -> Vec<Result<Line, Refusal>> {
        CsvLines::new(text).unwrap().map(Result::unwrap).collect()
    }
}
