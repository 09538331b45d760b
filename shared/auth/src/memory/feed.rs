//! What authorizers are told, in memory.

use claims::{Jwks, Millis, Timestamp, UserId};

use super::Memory;
use crate::{
    ANNOUNCEMENTS, AnnounceRevocations, AnnouncedPage, CountAnnouncements, Cursor, PublishKeys, ReadAnnounced,
    ReadPublicKeys, Revocation, Share, StoreError, announcement_window,
};

/// So few announcements on a page that tests turn some.
const PAGE: usize = 1000;

/// The seconds within which the same announcement is one.
const SLOT: u64 = 60;

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

    async fn announce_again(&self, revocation: &Revocation, now: Millis) -> Result<(), StoreError> {
        let slot = |at: Timestamp| at.get().checked_div(SLOT);
        let is_known = {
            let tables = self.tables();
            let mut of_slot = tables.announced.iter().rev();
            of_slot.any(|entry| slot(entry.at) == slot(now.timestamp()) && entry.revocation == *revocation)
        };
        if is_known {
            return Ok(());
        }
        self.announce(revocation, now).await
    }
}

impl CountAnnouncements for Memory {
    async fn count_announcement(&self, user_id: &UserId, now: Millis) -> Result<Share, StoreError> {
        let key = (user_id.clone(), announcement_window(now));
        let mut tables = self.tables();
        let (count, ended_until) = tables.announcements.entry(key).or_default();
        if *count >= ANNOUNCEMENTS {
            return Ok(Share::UsedUp {
                ended_until: *ended_until,
            });
        }
        *count = count.saturating_add(1);
        Ok(Share::Own)
    }

    async fn note_ended(&self, user_id: &UserId, until: Timestamp, now: Millis) -> Result<(), StoreError> {
        let key = (user_id.clone(), announcement_window(now));
        let mut tables = self.tables();
        let (_, ended_until) = tables.announcements.entry(key).or_default();
        *ended_until = (*ended_until).max(Some(until));
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
