//! Snapshots: all revocations up to a place in the feed, as bytes. A starting process reads a snapshot instead of an
//! hour of announcements.
//!
//! The format is `GHRS`, the version, and the place (its length, then its text). The numbers of sessions, of users with
//! epochs and of users with issued tokens follow, then the entries in the same order, and at the end the SHA-256 of
//! everything before it. Numbers are big-endian.

use std::collections::HashMap;

use ring::digest;

use super::{Epochs, Issued, Name, Revocations, Second};
use crate::feed::Cursor;

/// The first bytes of every snapshot in this format.
const HEAD: [u8; 5] = *b"GHRS\x01";
/// The length of the checksum in bytes.
const SUM: usize = 32;
/// In the encoding of a user's epochs, this byte precedes the session that the greatest epoch does not end. If there is
/// no such session, the byte is 0, and zeros follow in place of the session.
const SPARES: u8 = 1;

/// All revocations up to and including a place in the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The revocations.
    pub revocations: Revocations,
    /// The place in the feed.
    pub after: Cursor,
}

impl Snapshot {
    /// Returns the bytes of the snapshot, or `None` if it does not fit this format.
    #[must_use]
    pub fn encode(&self) -> Option<Vec<u8>> {
        let Revocations {
            sessions,
            epochs,
            issued,
        } = &self.revocations;
        let place = self.after.as_str().as_bytes();
        let mut bytes = HEAD.to_vec();
        bytes.push(u8::try_from(place.len()).ok()?);
        bytes.extend(place);
        for count in [sessions.len(), epochs.len(), issued.len()] {
            bytes.extend(u32::try_from(count).ok()?.to_be_bytes());
        }
        for (name, at) in sessions {
            bytes.extend(name.0);
            bytes.extend(at.0.to_be_bytes());
        }
        for (name, epochs) in epochs {
            bytes.extend(name.0);
            epochs.encode(&mut bytes);
        }
        for (name, Issued { at, until }) in issued {
            bytes.extend(name.0);
            bytes.extend([at.0.to_be_bytes(), until.0.to_be_bytes()].concat());
        }
        bytes.extend(digest::digest(&digest::SHA256, &bytes).as_ref());
        Some(bytes)
    }

    /// Returns the snapshot that was encoded as these bytes, or `None` if they are not exactly those of a snapshot.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
        if digest::digest(&digest::SHA256, body).as_ref() != sum {
            return None;
        }
        let mut rest = Rest(body.strip_prefix(&HEAD)?);
        let [length] = rest.take_array()?;
        let place = String::from_utf8(rest.take_bytes(length.into())?.to_vec()).ok()?;
        let [sessions, epochs, issued] = [rest.take_count()?, rest.take_count()?, rest.take_count()?];
        let revocations = Revocations {
            sessions: rest.take_map(sessions, Rest::take_second)?,
            epochs: rest.take_map(epochs, Rest::take_epochs)?,
            issued: rest.take_map(issued, |rest| {
                Some(Issued {
                    at: rest.take_second()?,
                    until: rest.take_second()?,
                })
            })?,
        };
        rest.0.is_empty().then(|| Self {
            revocations,
            after: Cursor::from_feed(place),
        })
    }
}

impl Epochs {
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.at.0.to_be_bytes());
        bytes.extend(self.least.to_be_bytes());
        bytes.extend(self.second.to_be_bytes());
        bytes.push(self.except.map_or(0, |_| SPARES));
        bytes.extend(self.except.unwrap_or(Name([0; 16])).0);
    }
}

/// The bytes still to be decoded.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take_bytes(&mut self, length: usize) -> Option<&[u8]> {
        let (some, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(some)
    }

    fn take_array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn take_count(&mut self) -> Option<usize> {
        u32::from_be_bytes(self.take_array()?).try_into().ok()
    }

    fn take_second(&mut self) -> Option<Second> {
        Some(Second(u32::from_be_bytes(self.take_array()?)))
    }

    fn take_epochs(&mut self) -> Option<Epochs> {
        let (at, least) = (self.take_second()?, u64::from_be_bytes(self.take_array()?));
        let (second, [spares]) = (u64::from_be_bytes(self.take_array()?), self.take_array()?);
        let except = Name(self.take_array()?);
        Some(Epochs {
            at,
            least,
            except: (spares == SPARES).then_some(except),
            second,
        })
    }

    /// Decodes `count` names, each with a value that `value` reads.
    fn take_map<V>(&mut self, count: usize, value: impl Fn(&mut Self) -> Option<V>) -> Option<HashMap<Name, V>> {
        // The capacity is limited by the remaining bytes, even if the count is wrong.
        let mut map = HashMap::with_capacity(count.min(self.0.chunks_exact(size_of::<Name>()).len()));
        for _ in 0..count {
            map.insert(Name(self.take_array()?), value(self)?);
        }
        Some(map)
    }
}
