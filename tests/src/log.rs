//! Everything that the functions of a stack log.

use std::sync::{Arc, Mutex};

use runtime::Sink;
use serde_json::Value;

/// A log that is kept in memory.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Sink for Log {
    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

impl Log {
    /// Every line so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Every line so far, as the JSON that it is.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.lines()
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The names of all events so far.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self.events();
        names
            .iter()
            .map(|event| event["message"].as_str().unwrap().to_owned())
            .collect()
    }
}
