//! Key sets at several times, for the tests.

use claims::{Access, Algorithm, KeyEntry, KeySet, KeySetDocument, Span, Timestamp};
use rand::{SeedableRng as _, rngs::StdRng};

use crate::{LEAD, Withdrawn, add_successor, withdraw_keys};

pub(crate) const NOW: Timestamp = Timestamp::new(1_700_000_000);
pub(crate) const DAY: u64 = 24 * 60 * 60;
pub(crate) const HS256: Algorithm = Algorithm::HS256;

/// Returns a month-old set whose successor was published a minute ago, and the present time.
pub(crate) fn with_successor() -> (KeySetDocument, Timestamp) {
    let rotation = NOW.plus(Span::seconds(30 * DAY));
    let set = rotate(&rotate(&KeySetDocument::default(), NOW), rotation);
    (set, rotation.plus(Span::seconds(60)))
}

pub(crate) fn one(set: &KeySetDocument, index: usize) -> Withdrawn {
    Withdrawn::One(set.keys[index].kid.clone())
}

pub(crate) fn rotate(set: &KeySetDocument, now: Timestamp) -> KeySetDocument {
    add_successor::<Access>(set, HS256, LEAD, now, &mut StdRng::seed_from_u64(now.get())).unwrap()
}

pub(crate) fn withdraw(set: &KeySetDocument, which: &Withdrawn, now: Timestamp) -> KeySetDocument {
    let set = withdraw_keys::<Access>(set, which, HS256, now, &mut rng()).unwrap();
    KeySet::<Access>::new(&set).unwrap();
    set
}

pub(crate) fn schedule(set: &KeySetDocument) -> Vec<(u64, Option<u64>)> {
    let times = |key: &KeyEntry| (key.activates_at.get(), key.retires_at.map(Timestamp::get));
    set.keys.iter().map(times).collect()
}

pub(crate) fn rng() -> StdRng {
    StdRng::seed_from_u64(1)
}
