//! A log that a test reads.

use std::sync::{Arc, Mutex};

use runtime::Sink;
use serde_json::Value;

/// A log in memory.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Sink for Log {
    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

impl Log {
    /// Returns all lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Returns all lines so far as JSON.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.lines()
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Returns the names of all events so far.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self.events();
        names
            .iter()
            .map(|event| event["message"].as_str().unwrap().to_owned())
            .collect()
    }
}
