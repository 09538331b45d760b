//! Waves of calls. The number of waves shows how often a request waits for the engine, and the size of a wave shows how
//! many of its calls run at once.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

use super::Crossing;

/// The maximum time that calls of a wave wait for the others. If an expected call does not come in this time, the wave
/// ends without it.
const LONGEST: Duration = Duration::from_millis(500);

/// The waves of a request. No call of a wave gets its answer before all calls of the wave have come. A call that needs
/// an earlier answer is therefore always in a later wave, even on a slow machine.
#[derive(Clone, Debug)]
pub(super) struct Waves(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The expected number of calls in each wave.
    sizes: Vec<usize>,
    is_beside: fn(&Crossing) -> bool,
    seen: Mutex<Vec<Vec<Crossing>>>,
    /// The number of waves that have ended.
    ended: watch::Sender<usize>,
}

impl Waves {
    pub(super) fn new(sizes: &[usize], is_beside: fn(&Crossing) -> bool) -> Self {
        Self(Arc::new(Inner {
            sizes: sizes.to_vec(),
            is_beside,
            seen: Mutex::default(),
            ended: watch::Sender::new(0),
        }))
    }

    /// Adds a call to the current wave and returns the wave, or returns `None` if the call belongs to no wave.
    pub(super) fn join(&self, call: &Crossing) -> Option<Wave> {
        if (self.0.is_beside)(call) {
            return None;
        }
        let mut seen = self.0.seen.lock().unwrap();
        let number = *self.0.ended.borrow();
        if seen.len() <= number {
            seen.push(Vec::new());
        }
        seen[number].push(call.clone());
        if Some(&seen[number].len()) >= self.0.sizes.get(number) {
            self.0.ended.send_replace(number.saturating_add(1));
        }
        Some(Wave {
            waves: self.clone(),
            number,
        })
    }

    /// Returns the calls of each wave so far.
    pub(super) fn seen(&self) -> Vec<Vec<Crossing>> {
        self.0.seen.lock().unwrap().clone()
    }
}

/// The wave of one call.
#[derive(Debug)]
pub(super) struct Wave {
    waves: Waves,
    number: usize,
}

impl Wave {
    /// Waits until all calls of the wave have come, or [`LONGEST`] has passed.
    pub(super) async fn wait(self) {
        let Self { waves, number } = self;
        let mut ended = waves.0.ended.subscribe();
        let all_came = timeout(LONGEST, ended.wait_for(|ended| *ended > number)).await.is_ok();
        if !all_came {
            let next = number.saturating_add(1);
            waves.0.ended.send_modify(|ended| *ended = (*ended).max(next));
        }
    }
}
