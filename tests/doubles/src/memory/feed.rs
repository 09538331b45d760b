//! The feed of revocations, its snapshots and the public keys, in memory.

use claims::{Jwks, KeySchedule, Moment, Timestamp, TokenKind, UserId};

use super::Memory;
use auth::{
    error::StoreError,
    feed::{
        ANNOUNCEMENTS, AnnounceRevocations, AnnouncedPage, CountAnnouncements, Cursor, KeepSnapshots, ReadAnnounced,
        ReadSnapshots, Revocation, Share, SnapshotPlace, announcement_window,
    },
    keys::{PublishKeys, PublishSchedule, ReadPublicKeys, ReadSchedule},
};

/// The maximum number of announcements on a page. It is so low that some tests read several pages.
const PAGE: usize = 1000;

/// The length of a slot in seconds. Identical announcements within a slot become one entry.
const SLOT: u64 = 60;

/// An announcement.
#[derive(Clone, Debug)]
pub(super) struct Announced {
    /// The sort key. A new announcement comes after all existing ones, even if its time is earlier.
    place: (Moment, usize),
    at: Timestamp,
    revocation: Revocation,
}

impl Announced {
    fn cursor(&self) -> Cursor {
        let (at, number) = self.place;
        Cursor::from_feed(format!("{:013}#{number:010}", at.get()))
    }
}

impl AnnounceRevocations for Memory {
    async fn announce(&self, revocation: &Revocation, now: Moment) -> Result<(), StoreError> {
        let announced = &mut self.tables().announced;
        let last = announced.last().map_or(now, |last| last.place.0);
        announced.push(Announced {
            place: (last.max(now), announced.len()),
            at: now.timestamp(),
            revocation: revocation.clone(),
        });
        Ok(())
    }

    async fn announce_again(&self, revocation: &Revocation, now: Moment) -> Result<(), StoreError> {
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
    async fn count_announcement(&self, user_id: &UserId, now: Moment) -> Result<Share, StoreError> {
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

    async fn uncount_announcement(&self, user_id: &UserId, now: Moment) -> Result<(), StoreError> {
        let key = (user_id.clone(), announcement_window(now));
        if let Some((count, _)) = self.tables().announcements.get_mut(&key) {
            *count = count.saturating_sub(1);
        }
        Ok(())
    }

    async fn note_ended(&self, user_id: &UserId, until: Timestamp, now: Moment) -> Result<(), StoreError> {
        let key = (user_id.clone(), announcement_window(now));
        let mut tables = self.tables();
        let (_, ended_until) = tables.announcements.entry(key).or_default();
        *ended_until = (*ended_until).max(Some(until));
        Ok(())
    }
}

impl ReadAnnounced for Memory {
    async fn page(&self, after: &Cursor, _: Moment) -> Result<AnnouncedPage, StoreError> {
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

/// The size of a part in bytes. It is so low that even small snapshots have several.
const PART: usize = 100;

impl ReadSnapshots for Memory {
    async fn current(&self) -> Result<Option<SnapshotPlace>, StoreError> {
        let snapshots = &self.tables().snapshots;
        Ok(snapshots.last().map(|last| place(snapshots.len(), last)))
    }

    async fn part(&self, place: &SnapshotPlace, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let snapshots = &self.tables().snapshots;
        let found = (1..)
            .zip(snapshots)
            .find(|(number, _)| number.to_string() == place.name);
        Ok(found.and_then(|(_, bytes)| bytes.chunks(PART).nth(number).map(<[u8]>::to_vec)))
    }
}

impl KeepSnapshots for Memory {
    async fn replace(&self, before: Option<&SnapshotPlace>, bytes: &[u8], _: Moment) -> Result<bool, StoreError> {
        let snapshots = &mut self.tables().snapshots;
        let last = snapshots.last().map(|last| place(snapshots.len(), last));
        let is_last = last.as_ref() == before;
        if is_last {
            snapshots.push(bytes.to_vec());
        }
        Ok(is_last)
    }
}

fn place(number: usize, bytes: &[u8]) -> SnapshotPlace {
    SnapshotPlace {
        name: number.to_string(),
        parts: bytes.len().div_ceil(PART),
    }
}

impl PublishKeys for Memory {
    async fn publish(&self, jwks: &Jwks) -> Result<(), StoreError> {
        self.tables().jwks = Some(jwks.to_json());
        Ok(())
    }
}

impl PublishSchedule for Memory {
    async fn publish_schedule<K: TokenKind>(&self, schedule: &KeySchedule) -> Result<(), StoreError> {
        self.tables().schedules.insert(K::TYP, schedule.clone());
        Ok(())
    }
}

impl ReadSchedule for Memory {
    async fn schedule<K: TokenKind>(&self) -> Result<Option<KeySchedule>, StoreError> {
        Ok(self.tables().schedules.get(K::TYP).cloned())
    }
}

impl ReadPublicKeys for Memory {
    async fn public_keys(&self) -> Result<Option<String>, StoreError> {
        Ok(self.tables().jwks.clone())
    }
}
