//! The lines of a file, with bounded memory for lines of any length.

use std::{
    collections::VecDeque,
    io::{BufRead, Read as _},
};

use anyhow::Context as _;

/// The maximum number of bytes for one user, which is many times what a token can hold.
pub(super) const MAX_LENGTH: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The maximum number of bytes to read for a line: [`MAX_LENGTH`], the byte order mark and both bytes of a line break.
const MAX_READ: u64 = 64 * 1024 + 3 + 2;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextLine {
    /// The line number in the file, from 1.
    pub(super) number: u64,
    /// The bytes without the line break, or `None` if there are more than [`MAX_LENGTH`].
    pub(super) text: Option<Vec<u8>>,
}

/// The reader of the lines.
pub(super) struct TextLines<R> {
    input: R,
    number: u64,
    /// Lines that were put back to be read again.
    again: VecDeque<TextLine>,
}

impl<R: BufRead> TextLines<R> {
    pub(super) const fn new(input: R) -> Self {
        Self {
            input,
            number: 0,
            again: VecDeque::new(),
        }
    }

    /// Reads the next line, or returns `None` at the end. The rest of a line that is too long is skipped.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn read(&mut self) -> anyhow::Result<Option<TextLine>> {
        if let Some(line) = self.again.pop_front() {
            return Ok(Some(line));
        }
        self.number = self.number.saturating_add(1);
        let number = self.number;
        let bytes = self
            .read_bounded()
            .with_context(|| format!("cannot read the file at line {number}"))?;
        Ok(bytes.map(|bytes| TextLine {
            number,
            text: text(bytes, number),
        }))
    }

    /// Puts the last lines that were read back, so that they are read again.
    pub(super) fn put_back(&mut self, lines: Vec<TextLine>) {
        for line in lines.into_iter().rev() {
            self.again.push_front(line);
        }
    }

    /// Reads the next line with its line break, at most [`MAX_READ`] bytes of it. Returns `None` at the end.
    fn read_bounded(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        let length = (&mut self.input).take(MAX_READ).read_until(b'\n', &mut bytes)?;
        if !bytes.ends_with(b"\n") {
            self.input.skip_until(b'\n')?;
        }
        Ok((length > 0).then_some(bytes))
    }
}

fn text(mut bytes: Vec<u8>, number: u64) -> Option<Vec<u8>> {
    for end in [b'\n', b'\r'] {
        if bytes.ends_with(&[end]) {
            bytes.pop();
        }
    }
    if number == 1 && bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    (bytes.len() <= MAX_LENGTH).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Error, ErrorKind};

    use super::*;

    #[test]
    fn lines_are_numbered_without_line_ends_and_byte_order_mark() {
        let lines = read(b"\xef\xbb\xbfone\r\n\n\xef\xbb\xbftwo\rthree\n\r\nfour");

        let expected: [(u64, &[u8]); 5] = [
            (1, b"one"),
            (2, b""),
            (3, b"\xef\xbb\xbftwo\rthree"),
            (4, b""),
            (5, b"four"),
        ];
        assert_eq!(
            lines,
            expected.map(|(number, text)| TextLine {
                number,
                text: Some(text.to_owned())
            })
        );
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_to_its_end() {
        for end in ["\n", "\r\n"] {
            for (length, is_kept) in [
                (MAX_LENGTH, true),
                (MAX_LENGTH + 1, false),
                (MAX_LENGTH + 6, false),
                (10 * MAX_LENGTH, false),
            ] {
                let file = ["first", &"x".repeat(length), "last"].join(end);

                let lines = read(file.as_bytes());

                assert_eq!(lines.len(), 3, "{length}");
                assert_eq!(lines[1].text.is_some(), is_kept, "{length}");
                assert_eq!(lines[2].number, 3);
                assert_eq!(lines[2].text.as_deref(), Some(&b"last"[..]), "{length}");
            }
        }
    }

    #[test]
    fn lines_that_are_put_back_are_read_again_in_their_order() {
        let mut lines = TextLines::new(&b"one\ntwo\nthree\n"[..]);
        let read: Vec<TextLine> = (0..2).map(|_| lines.read().unwrap().unwrap()).collect();

        lines.put_back(read);

        let numbers = std::iter::from_fn(|| lines.read().unwrap()).map(|line| line.number);
        assert_eq!(numbers.collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn an_unreadable_line_is_reported_with_its_number() {
        struct Torn;
        impl std::io::Read for Torn {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(Error::from(ErrorKind::ConnectionReset))
            }
        }
        let mut lines = TextLines::new(BufReader::new(b"one\n".chain(Torn)));
        lines.read().unwrap();

        let error = lines.read().unwrap_err();

        assert_eq!(error.to_string(), "cannot read the file at line 2");
    }

    fn read(file: &[u8]) -> Vec<TextLine> {
        let mut lines = TextLines::new(file);
        std::iter::from_fn(|| lines.read().unwrap()).collect()
    }
}
