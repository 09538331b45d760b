//! A secret whose reads can fail on purpose and are counted.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use auth::{error::StoreError, keys::ReadSecret};
use claims::Span;
use zeroize::Zeroizing;

/// A secret in memory, which contains a key set or the keys of the proxy. A reader reads it again when the reader's
/// copy is five minutes old.
#[derive(Debug)]
pub(crate) struct Place {
    text: Mutex<String>,
    broken: AtomicBool,
    asked: AtomicUsize,
}

impl Place {
    pub(crate) fn with(text: &str) -> Self {
        Self {
            text: Mutex::new(text.to_owned()),
            broken: AtomicBool::default(),
            asked: AtomicUsize::default(),
        }
    }

    pub(crate) fn put(&self, text: &str) {
        text.clone_into(&mut self.text.lock().unwrap());
    }

    pub(crate) fn break_off(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// Returns how often the secret was read since this function was last called.
    pub(crate) fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }
}

impl ReadSecret for &Place {
    fn poll(&self) -> Span {
        Span::seconds(300)
    }

    async fn read(&self) -> Result<Zeroizing<String>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable {
                operation: "test",
                cause: "broken".to_owned(),
            });
        }
        Ok(Zeroizing::new(self.text.lock().unwrap().clone()))
    }
}
