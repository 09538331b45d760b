//! The lines of a file, none of them longer than a user may be.

use std::io::{BufRead, Read as _};

use anyhow::{Context as _, ensure};

/// The most bytes that are read for one user: many times what a token can bear.
const MAX_LENGTH: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads line after line.
pub(super) struct TextLines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> TextLines<R> {
    pub(super) const fn new(input: R) -> Self {
        Self { input, number: 0 }
    }

    /// Appends the next line, its end included, to what was read for a user; its number, from 1, or none after the last.
    ///
    /// # Errors
    /// When that is too much for a user, or the file cannot be read.
    pub(super) fn append(&mut self, bytes: &mut Vec<u8>) -> anyhow::Result<Option<u64>> {
        self.number = self.number.saturating_add(1);
        let room = MAX_LENGTH.saturating_sub(bytes.len()).try_into()?;
        let mut bounded = (&mut self.input).take(room);
        let length = bounded.read_until(b'\n', bytes).context("the file cannot be read")?;
        let is_whole = bounded.limit() > 0 || bytes.ends_with(b"\n");
        ensure!(is_whole, "line {}: nothing ends within {MAX_LENGTH} bytes", self.number);
        if self.number == 1 && bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
        }
        Ok((length > 0).then_some(self.number))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, repeat};

    use super::*;

    #[test]
    fn lines_are_numbered_and_the_byte_order_mark_is_none_of_them() {
        let mut lines = TextLines::new(&b"\xef\xbb\xbfone\r\n\ntwo"[..]);
        let mut bytes = Vec::new();

        let numbers: Vec<Option<u64>> = (0..4).map(|_| lines.append(&mut bytes).unwrap()).collect();

        assert_eq!(numbers, [Some(1), Some(2), Some(3), None]);
        assert_eq!(bytes, b"one\r\n\ntwo");
    }

    #[test]
    fn a_line_without_an_end_is_not_read_to_it() {
        let mut lines = TextLines::new(BufReader::new(repeat(b'x')));

        let error = lines.append(&mut Vec::new()).unwrap_err();

        assert_eq!(error.to_string(), "line 1: nothing ends within 65536 bytes");
    }
}
