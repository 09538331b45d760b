//! What authorizers are told, in memory.

use claims::{Jwks, Millis, Timestamp};

use super::Memory;
use crate::{
    AnnounceRevocations, AnnouncedPage, Cursor, PublishKeys, ReadAnnounced, ReadPublicKeys, Revocation, StoreError,
};

/// So few announcements on a page that tests turn some.
const PAGE: usize = 1000;

/// One announcement.
#[derive(Clone, Debug)]
pub(super) struct Announced {
    /// What it sorts by: it comes after all that were there before, whatever a clock says.
    place: (Millis, usize),
    at: Timestamp,
    revocation: Revocation,
}

impl Announced {
    fn cursor(&self) -> Cursor {
        let (at, number) = self.place;
        Cursor::of_feed(format!("{:013}#{number:010}", at.get()))
    }
}

impl AnnounceRevocations for Memory {
    async fn announce(&self, revocation: &Revocation, now: Millis) -> Result<(), StoreError> {
        let announced = &mut self.tables().announced;
        let last = announced.last().map_or(now, |last| last.place.0);
        announced.push(Announced {
            place: (last.max(now), announced.len()),
            at: now.timestamp(),
            revocation: revocation.clone(),
        });
        Ok(())
    }
}

impl ReadAnnounced for Memory {
    async fn page(&self, after: &Cursor, _: Millis) -> Result<AnnouncedPage, StoreError> {
        let announced = &self.tables().announced;
        let first = announced.partition_point(|entry| entry.cursor() <= *after);
        let rest = announced.get(first..).unwrap_or_default();
        let page = rest.get(..PAGE).unwrap_or(rest);
        let last = page.last().map(Announced::cursor);
        Ok(AnnouncedPage {
            revocations: page.iter().map(|entry| (entry.at, entry.revocation.clone())).collect(),
            next: last.filter(|_| page.len() < rest.len()),
            settled: rest.last().map_or_else(|| after.clone(), Announced::cursor),
        })
    }
}

impl PublishKeys for Memory {
    async fn publish(&self, jwks: &Jwks) -> Result<(), StoreError> {
        self.tables().jwks = Some(jwks.to_json());
        Ok(())
    }
}

impl ReadPublicKeys for Memory {
    async fn public_keys(&self) -> Result<Option<String>, StoreError> {
        Ok(self.tables().jwks.clone())
    }
}
