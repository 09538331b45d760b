//! HTTP/1.1 messages over a blocking socket. The stub and the store block their threads and have no async executor, so
//! that their waiting takes no processor time from the measured process.

use std::io::{self, Read};

/// A request or an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// The first line and the headers, up to and including the empty line.
    pub(crate) head: String,
    /// The body, with its chunks joined if it was sent in chunks.
    pub(crate) body: Vec<u8>,
    /// The whole message as it was sent.
    pub(crate) raw: Vec<u8>,
}

impl Message {
    /// Reads a message. Returns `None` if the connection ends before a message begins.
    ///
    /// # Errors
    /// If the connection fails or ends within the message, its head is not UTF-8, or a length in it is invalid.
    pub(crate) fn read(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let mut raw = Vec::with_capacity(8 * 1024);
        let head = loop {
            if let Some(end) = find(&raw, b"\r\n\r\n") {
                break end + 4;
            }
            if receive(stream, &mut raw)? == 0 {
                return if raw.is_empty() { Ok(None) } else { Err(ended()) };
            }
        };
        let text = std::str::from_utf8(&raw[..head]).map_err(io::Error::other)?.to_owned();
        let mut message = Self {
            head: text,
            ..Self::default()
        };
        if message.header("transfer-encoding") == Some("chunked") {
            message.body = read_chunks(stream, &mut raw, head)?;
        } else {
            let length = message.header("content-length").map_or(Ok(0), str::parse);
            let end = head + length.map_err(io::Error::other)?;
            while raw.len() < end {
                if receive(stream, &mut raw)? == 0 {
                    return Err(ended());
                }
            }
            message.body = raw[head..end].to_vec();
        }
        message.raw = raw;
        Ok(Some(message))
    }

    /// Returns the value of a header, or `None` if the message does not have it. The case of its name does not matter.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let (_, value) = lines.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value.trim())
    }

    /// Returns the method and the path of a request.
    pub(crate) fn target(&self) -> (&str, &str) {
        let mut words = self.head.split(' ');
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    }

    /// Returns the body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Returns the bytes of an answer. `headers` are whole lines, without the length of the body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Reads the chunks of a body that begins at `start` in `raw`, and returns the body.
fn read_chunks(stream: &mut impl Read, raw: &mut Vec<u8>, start: usize) -> io::Result<Vec<u8>> {
    let (mut body, mut at) = (Vec::new(), start);
    loop {
        while find(&raw[at..], b"\r\n").is_none() {
            if receive(stream, raw)? == 0 {
                return Err(ended());
            }
        }
        let line = find(&raw[at..], b"\r\n").unwrap_or_default();
        let size = std::str::from_utf8(&raw[at..at + line]).map_err(io::Error::other)?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16).map_err(io::Error::other)?;
        let (from, to) = (at + line + 2, at + line + 2 + size);
        while raw.len() < to + 2 {
            if receive(stream, raw)? == 0 {
                return Err(ended());
            }
        }
        body.extend_from_slice(&raw[from..to]);
        at = to + 2;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn receive(stream: &mut impl Read, raw: &mut Vec<u8>) -> io::Result<usize> {
    let mut chunk = [0; 16 * 1024];
    let received = stream.read(&mut chunk)?;
    raw.extend_from_slice(&chunk[..received]);
    Ok(received)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn ended() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended within a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that arrives in pieces of this many bytes.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (piece, rest) = self.0.split_at(self.1.min(self.0.len()));
            buffer[..piece.len()].copy_from_slice(piece);
            self.0 = rest;
            Ok(piece.len())
        }
    }

    #[test]
    fn a_message_is_read_in_pieces_of_any_size() {
        let sent = b"POST /a/b HTTP/1.1\r\nContent-Length: 5\r\nx: y\r\n\r\nhello";
        for size in 1..=sent.len() {
            let message = Message::read(&mut Pieces(sent, size)).unwrap().unwrap();

            assert_eq!(message.target(), ("POST", "/a/b"));
            assert_eq!(message.text(), "hello");
            assert_eq!(message.header("x"), Some("y"));
        }
    }

    #[test]
    fn chunks_are_put_together() {
        let sent = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;a=b\r\n!\r\n0\r\n\r\n";
        for size in [1, 7, sent.len()] {
            let message = Message::read(&mut Pieces(sent, size)).unwrap().unwrap();

            assert_eq!(message.text(), "hello!");
        }
    }

    #[test]
    fn an_end_before_a_message_is_no_error_and_one_within_it_is() {
        assert_eq!(Message::read(&mut Pieces(b"", 1)).unwrap(), None);
        assert!(Message::read(&mut Pieces(b"GET / HTTP/1.1\r\n", 4)).is_err());
        assert!(Message::read(&mut Pieces(b"GET / HTTP/1.1\r\ncontent-length: 2\r\n\r\n1", 4)).is_err());
    }

    #[test]
    fn an_answer_has_the_length_of_its_body() {
        let sent = answer("200 OK", "a: b\r\n", "hello");

        let message = Message::read(&mut Pieces(&sent, 9)).unwrap().unwrap();

        assert_eq!(message.header("content-length"), Some("5"));
        assert_eq!(message.header("a"), Some("b"));
        assert_eq!(message.text(), "hello");
    }
}
