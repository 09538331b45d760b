//! A strict reader of CBOR in the canonical form of CTAP2, which decoders should demand (L3 s2.4): the shortest lengths,
//! the keys of maps in order, and neither indefinite lengths, tags nor floating-point numbers.

use std::cmp::Ordering;

/// How deeply arrays and maps may be nested (CTAP 2.1 s8).
const MAX_DEPTH: u8 = 4;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const SIMPLE: u8 = 7;
/// The simple values false, true and null.
const SIMPLE_VALUES: std::ops::RangeInclusive<u64> = 20..=22;

/// Reads items from the start of what has not been read yet. Every method returns `None` if the next item is not of its
/// type or not canonical.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

/// The key of an entry of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key<'a> {
    Int(i64),
    Text(&'a str),
}

/// A number or a byte string: all that a COSE key consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    Int(i64),
    Bytes(&'a [u8]),
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Returns what has not been read yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.head_of(BYTES)?;
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let length = self.head_of(TEXT)?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    pub(crate) fn scalar(&mut self) -> Option<Scalar<'a>> {
        let mut ahead = *self;
        match ahead.head()?.0 {
            BYTES => self.bytes().map(Scalar::Bytes),
            _ => self.int().map(Scalar::Int),
        }
    }

    fn int(&mut self) -> Option<i64> {
        let (major, value) = self.head()?;
        let value = i64::try_from(value).ok()?;
        match major {
            UNSIGNED => Some(value),
            NEGATIVE => Some(!value),
            _ => None,
        }
    }

    /// Reads a map. Calls `read` with each key and with the reader at its value.
    pub(crate) fn map(&mut self, mut read: impl FnMut(Key<'a>, &mut Self) -> Option<()>) -> Option<()> {
        let entries = self.head_of(MAP)?;
        let mut previous: Option<&[u8]> = None;
        for _ in 0..entries {
            let start = self.0;
            let key = self.key()?;
            let encoded = start.get(..start.len().checked_sub(self.0.len())?)?;
            if previous.is_some_and(|previous| order(previous, encoded) != Ordering::Less) {
                return None;
            }
            previous = Some(encoded);
            read(key, self)?;
        }
        Some(())
    }

    /// Reads a map with any entries, and returns its bytes.
    pub(crate) fn raw_map(&mut self) -> Option<&'a [u8]> {
        let start = self.0;
        self.map(|_, reader| reader.skip())?;
        start.get(..start.len().checked_sub(self.0.len())?)
    }

    fn key(&mut self) -> Option<Key<'a>> {
        let mut ahead = *self;
        match ahead.head()?.0 {
            TEXT => self.text().map(Key::Text),
            _ => self.int().map(Key::Int),
        }
    }

    /// Reads an item of any type.
    pub(crate) fn skip(&mut self) -> Option<()> {
        self.skip_within(MAX_DEPTH)
    }

    fn skip_within(&mut self, depth: u8) -> Option<()> {
        let mut ahead = *self;
        let (major, value) = ahead.head()?;
        match major {
            TEXT => self.text().map(drop),
            BYTES => self.bytes().map(drop),
            ARRAY => {
                let within = depth.checked_sub(1)?;
                *self = ahead;
                (0..value).try_for_each(|_| self.skip_within(within))
            }
            MAP => {
                let within = depth.checked_sub(1)?;
                self.map(|_, reader| reader.skip_within(within))
            }
            SIMPLE if SIMPLE_VALUES.contains(&value) => {
                *self = ahead;
                Some(())
            }
            _ => self.int().map(drop),
        }
    }

    /// Reads the head of an item of this major type, and returns its argument.
    fn head_of(&mut self, expected: u8) -> Option<u64> {
        let (major, value) = self.head()?;
        (major == expected).then_some(value)
    }

    /// Reads the head of an item: its major type and its argument (RFC 8949 s3).
    fn head(&mut self) -> Option<(u8, u64)> {
        let [first] = *self.take(1)? else { return None };
        let value = match first & 0x1f {
            short @ 0..=23 => u64::from(short),
            size @ 24..=27 => {
                let length = 1_u64.checked_shl(u32::from(size).checked_sub(24)?)?;
                let number = self.take(length)?;
                let value = number.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
                // The smallest number that needs this length: one that does not fit into half of it.
                let is_shortest = match size {
                    24 => value >= 24,
                    25 => value > u64::from(u8::MAX),
                    26 => value > u64::from(u16::MAX),
                    _ => value > u64::from(u32::MAX),
                };
                is_shortest.then_some(value)?
            }
            _ => return None,
        };
        Some((first >> 5, value))
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }
}

/// Compares two encoded keys: by their major type, then by their length, then by their bytes (CTAP 2.1 s8).
fn order(one: &[u8], other: &[u8]) -> Ordering {
    let rank = |key: &[u8]| (key.first().map(|first| first >> 5), key.len());
    rank(one).cmp(&rank(other)).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns whether the bytes are exactly one item.
    fn is_item(bytes: &[u8]) -> bool {
        let mut reader = Reader::new(bytes);
        reader.skip().is_some() && reader.rest().is_empty()
    }

    #[test]
    fn canonical_items_are_read() {
        let items: &[&[u8]] = &[
            b"\x00",
            b"\x17",
            b"\x18\x18",
            b"\x19\x01\x00",
            b"\x1a\x00\x01\x00\x00",
            b"\x1b\x00\x00\x00\x01\x00\x00\x00\x00",
            b"\x38\x18",
            b"\x40",
            b"\x42ab",
            b"\x62ab",
            b"\xf4",
            b"\xf5",
            b"\xf6",
            b"\x82\x01\x80",
            b"\xa0",
            b"\xa5\x01\x02\x03\x04\x20\x01\x21\x40\x61a\x00",
            b"\xa2\x61b\x00\x62aa\x00",
            b"\x81\x81\x81\x80",
        ];
        for item in items {
            assert!(is_item(item), "{item:x?}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let items: &[&[u8]] = &[
            b"",
            // Not the shortest form.
            b"\x18\x17",
            b"\x19\x00\xff",
            b"\x1a\x00\x00\xff\xff",
            b"\x1b\x00\x00\x00\x00\xff\xff\xff\xff",
            b"\x58\x01a",
            // Too short.
            b"\x18",
            b"\x42a",
            b"\x82\x01",
            b"\xa1\x01",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            // Numbers below those that anything here uses.
            b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
            // Indefinite lengths, reserved lengths, tags, floating-point numbers and other simple values.
            b"\x5f\x41a\xff",
            b"\x9f\x01\xff",
            b"\xbf\xff",
            b"\x1c",
            b"\xc0\x61a",
            b"\xf9\x00\x00",
            b"\xf7",
            b"\xf8\x20",
            // Not UTF-8.
            b"\x61\xff",
            // Keys that are repeated, out of order or of another type.
            b"\xa2\x01\x00\x01\x00",
            b"\xa2\x03\x00\x01\x00",
            b"\xa2\x20\x00\x01\x00",
            b"\xa2\x62aa\x00\x61b\x00",
            b"\xa2\x61b\x00\x61a\x00",
            b"\xa2\x61a\x00\x00\x00",
            b"\xa1\x41a\x00",
            b"\xa1\x80\x00",
            // Nested too deeply.
            b"\x81\x81\x81\x81\x80",
            b"\xa1\x00\xa1\x00\xa1\x00\xa1\x00\xa0",
        ];
        for item in items {
            assert!(!is_item(item), "{item:x?}");
        }
    }

    #[test]
    fn numbers_have_their_values() {
        let ints: [(&[u8], i64); 6] = [
            (b"\x00", 0),
            (b"\x26", -7),
            (b"\x39\x01\x00", -257),
            (b"\x1b\x7f\xff\xff\xff\xff\xff\xff\xff", i64::MAX),
            (b"\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", i64::MIN),
            (b"\x19\x01\x00", 256),
        ];
        for (bytes, value) in ints {
            assert_eq!(Reader::new(bytes).scalar(), Some(Scalar::Int(value)));
        }
    }
}
