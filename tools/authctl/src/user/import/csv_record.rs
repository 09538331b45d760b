//! One record of a CSV file (RFC 4180): one line, or several if a quoted cell spans them.

use std::io::BufRead;

use super::{
    malformed::Malformed,
    text_lines::{MAX_LENGTH, TextLine, TextLines},
};

/// A raw record of the file.
#[derive(Debug)]
pub(super) struct CsvRecord {
    /// The line number of the record's first line.
    pub(super) number: u64,
    /// The text of the record, or why it is malformed.
    pub(super) text: Result<Vec<u8>, Malformed>,
    /// The other lines that were read for the record, after its first line.
    pub(super) further: Vec<TextLine>,
}

impl CsvRecord {
    /// Reads the next record that is not empty, or returns `None` at the end of the file. A record ends with the first
    /// line after which no quote is open.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn read(lines: &mut TextLines<impl BufRead>) -> anyhow::Result<Option<Self>> {
        while let Some(TextLine { number, text }) = lines.read()? {
            if text.as_ref().is_some_and(|text| text.trim_ascii().is_empty()) {
                continue;
            }
            let mut further = Vec::new();
            let text = match text {
                Some(first) => whole(first, &mut further, lines)?,
                None => Err(Malformed::TooLong),
            };
            return Ok(Some(Self { number, text, further }));
        }
        Ok(None)
    }
}

/// Reads the rest of a record that starts with the line `first`, and adds the other lines of the record to `further`.
/// Returns the whole text of the record, or why it is malformed.
fn whole(
    first: Vec<u8>,
    further: &mut Vec<TextLine>,
    lines: &mut TextLines<impl BufRead>,
) -> anyhow::Result<Result<Vec<u8>, Malformed>> {
    let mut text = first;
    let mut place = Place::Start.after(&text);
    while place == Ok(Place::Quoted) {
        let Some(line) = lines.read()? else {
            return Ok(Err(Malformed::OpenQuote));
        };
        if let Some(more) = &line.text {
            text.push(b'\n');
            text.extend_from_slice(more);
            place = Place::Quoted.after(more);
        }
        let is_over = line.text.is_none() || text.len() > MAX_LENGTH;
        further.push(line);
        if is_over {
            return Ok(Err(Malformed::OpenQuote));
        }
    }
    // If a quote is not closed, the opening quote of a later user's cell seems to close it, and that cell seems to have
    // a loose quote. In that case, the error that is returned is the unclosed quote.
    let place = place.map_err(|loose| {
        if further.is_empty() {
            loose
        } else {
            Malformed::OpenQuote
        }
    });
    Ok(place.map(|_| text))
}

/// The state of the parser between two bytes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before the first byte of a cell.
    Start,
    /// Within a cell without quotes.
    Plain,
    /// Within the quotes of a cell.
    Quoted,
    /// After a quote within a quoted cell. The quote ends the cell, unless a second quote follows.
    Closing,
    /// Within blanks after a quoted cell. People may leave such blanks when they edit a file.
    Closed,
}

impl Place {
    /// Returns the state after the bytes of `line`, if `self` is the state before them.
    ///
    /// # Errors
    /// [`Malformed::LooseQuote`] if something other than blanks or a comma follows the quotes of a cell.
    fn after(self, line: &[u8]) -> Result<Self, Malformed> {
        line.iter().try_fold(self, |place, byte| match (place, byte) {
            (Self::Quoted, b'"') => Ok(Self::Closing),
            (Self::Start | Self::Closing, b'"') | (Self::Quoted, _) => Ok(Self::Quoted),
            (_, b',') => Ok(Self::Start),
            (Self::Closing | Self::Closed, b' ' | b'\t') => Ok(Self::Closed),
            (Self::Closing | Self::Closed, _) => Err(Malformed::LooseQuote),
            (Self::Start | Self::Plain, _) => Ok(Self::Plain),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_ends_where_every_quote_is_closed() {
        for (file, text, further) in [
            ("a,b\nc,d", "a,b", 0),
            ("\n \n\"a\",\"b,\"\"c\"\"\"\nd", "\"a\",\"b,\"\"c\"\"\"", 0),
            ("a,\"b\n\nc\",d\ne", "a,\"b\n\nc\",d", 2),
            ("a\"b,c\"\nd", "a\"b,c\"", 0),
            ("\"a\" ,b\nc", "\"a\" ,b", 0),
        ] {
            let record = read(file);

            assert_eq!(record.text, Ok(text.as_bytes().to_vec()), "{file}");
            assert_eq!(record.further.len(), further, "{file}");
        }
    }

    #[test]
    fn a_quote_that_is_left_open_does_not_pair_with_that_of_another_line() {
        for file in [
            "a,\"b",
            "a,\"b\nc,d\ne,f\n",
            "a,\"b\nc,\"d\"\n",
            "\"a\",\"b\n\"c\",\"d\"\n",
            "a,\"b\nc,\"\"\n",
        ] {
            assert_eq!(read(file).text, Err(Malformed::OpenQuote), "{file}");
        }
    }

    #[test]
    fn a_quote_is_looked_for_no_further_than_a_user_may_reach() {
        let far = "a,\"b\n".to_owned() + &"c,d\n".repeat(MAX_LENGTH) + "\"\n";
        let long = "a,\"b\n".to_owned() + &"x".repeat(MAX_LENGTH + 1) + "\"\n";

        for file in [far, long] {
            let record = read(&file);

            assert_eq!(record.text, Err(Malformed::OpenQuote));
            assert!(record.further.len() <= MAX_LENGTH / 4);
        }
    }

    #[test]
    fn a_quote_in_the_middle_of_a_cell_is_refused() {
        for file in ["\"a\"b,c\nd", "\"a\" \"b\",c\nd"] {
            assert_eq!(read(file).text, Err(Malformed::LooseQuote), "{file}");
        }
    }

    fn read(file: &str) -> CsvRecord {
        CsvRecord::read(&mut TextLines::new(file.as_bytes())).unwrap().unwrap()
    }
}
