//! The snapshot that a process begins with: read once, part by part, and taken only if it is whole.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::try_join_all;

use crate::feed::{ReadSnapshots, Snapshot, SnapshotPlace};

/// How many parts are asked for at once.
const AT_ONCE: usize = 4;

/// Reads the snapshot that a process begins with.
pub(crate) struct SnapshotReader<S> {
    source: S,
    step: Mutex<Step>,
}

/// How far it has come.
#[derive(Clone, Debug, Default)]
enum Step {
    /// Nothing is known of a snapshot.
    #[default]
    Find,
    /// It is read, from this part on.
    Read {
        place: SnapshotPlace,
        next: usize,
        bytes: Vec<u8>,
    },
    /// It was read, or there is none that can be.
    Done,
}

impl<S: ReadSnapshots> SnapshotReader<S> {
    pub(crate) fn new(source: S) -> Self {
        Self {
            source,
            step: Mutex::default(),
        }
    }

    /// The snapshot, the first time; nothing where there is none, or it is not whole, or it cannot be read: the feed has
    /// all that it says. Where this is broken off, it goes on the next time.
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
                    parts.and_then(|parts| self.with(parts, numbers.end))
                }
            };
            *self.step() = next.unwrap_or(Step::Done);
        }
    }

    /// What to do next. Bytes that are whole are given once.
    fn ask(&self) -> Ask {
        let mut step = self.step();
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

    /// The step after these parts were read.
    fn with(&self, parts: Vec<Vec<u8>>, next: usize) -> Option<Step> {
        let Step::Read { place, mut bytes, .. } = std::mem::take(&mut *self.step()) else {
            return None;
        };
        bytes.extend(parts.into_iter().flatten());
        Some(Step::Read { place, next, bytes })
    }

    fn step(&self) -> MutexGuard<'_, Step> {
        self.step.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What to do next.
enum Ask {
    Place,
    Parts {
        place: SnapshotPlace,
        numbers: std::ops::Range<usize>,
    },
    Whole(Vec<u8>),
    Nothing,
}
