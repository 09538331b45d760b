//! Reading the snapshot with which a process starts. It is read once, in parts, and used only if it is complete.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::try_join_all;

use crate::feed::{ReadSnapshots, Snapshot, SnapshotPlace};

/// How many parts are read at once.
const AT_ONCE: usize = 4;

/// Reads the snapshot with which a process starts.
pub(crate) struct SnapshotReader<S> {
    source: S,
    step: Mutex<Step>,
}

/// How far the reading has come.
#[derive(Clone, Debug, Default)]
enum Step {
    /// The snapshot has not been looked up yet.
    #[default]
    Find,
    /// The parts are being read, and `next` is the next one.
    Read {
        place: SnapshotPlace,
        next: usize,
        bytes: Vec<u8>,
    },
    /// The snapshot was read, or there is no readable one.
    Done,
}

impl<S: ReadSnapshots> SnapshotReader<S> {
    pub(crate) fn new(source: S) -> Self {
        Self {
            source,
            step: Mutex::default(),
        }
    }

    /// Returns the snapshot at the first call, and `None` at any later one. It also returns `None` if there is no
    /// snapshot, or if it is incomplete or cannot be read. This is not an error, because the feed itself has the same
    /// content. If a call is cancelled, the next one continues.
    pub(crate) async fn take(&self) -> Option<Snapshot> {
        loop {
            let next = match self.ask() {
                Ask::Nothing => return None,
                Ask::Whole(bytes) => return Snapshot::decode(&bytes),
                Ask::Place => self.source.current().await.ok().flatten().map(|place| Step::Read {
                    place,
                    next: 0,
                    bytes: Vec::new(),
                }),
                Ask::Parts { place, numbers } => {
                    let parts = numbers.clone().map(|number| self.source.part(&place, number));
                    let parts = try_join_all(parts).await.ok();
                    let parts: Option<Vec<Vec<u8>>> = parts.and_then(|parts| parts.into_iter().collect());
                    parts.and_then(|parts| self.add_parts(parts, numbers.end))
                }
            };
            *self.lock_step() = next.unwrap_or(Step::Done);
        }
    }

    /// Returns what to read next, or the bytes if all parts have been read. The bytes are returned only once. After
    /// that, and if there is no readable snapshot, it returns [`Ask::Nothing`].
    fn ask(&self) -> Ask {
        let mut step = self.lock_step();
        match &mut *step {
            Step::Find => Ask::Place,
            Step::Read { place, next, .. } if *next < place.parts => Ask::Parts {
                numbers: *next..place.parts.min(next.saturating_add(AT_ONCE)),
                place: place.clone(),
            },
            Step::Read { bytes, .. } => {
                let bytes = std::mem::take(bytes);
                *step = Step::Done;
                Ask::Whole(bytes)
            }
            Step::Done => Ask::Nothing,
        }
    }

    /// Takes the current step and returns it with these parts added, or returns `None` if no parts are being read.
    fn add_parts(&self, parts: Vec<Vec<u8>>, next: usize) -> Option<Step> {
        let Step::Read { place, mut bytes, .. } = std::mem::take(&mut *self.lock_step()) else {
            return None;
        };
        bytes.extend(parts.into_iter().flatten());
        Some(Step::Read { place, next, bytes })
    }

    fn lock_step(&self) -> MutexGuard<'_, Step> {
        self.step.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What to read next, or what was read.
enum Ask {
    Place,
    Parts {
        place: SnapshotPlace,
        numbers: std::ops::Range<usize>,
    },
    Whole(Vec<u8>),
    Nothing,
}
