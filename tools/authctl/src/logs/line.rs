//! A line of a log: of the gateway, of a function, or of Lambda.

use serde_json::{Map, Value};

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The time as in RFC 3339, in UTC.
    pub(crate) at: String,
    fields: Map<String, Value>,
}

impl Line {
    /// Reads a line that was written at this time. Returns `None` if it is not JSON.
    pub(crate) fn read(at: String, text: &str) -> Option<Self> {
        let fields = serde_json::from_str(text).ok()?;
        Some(Self { at, fields })
    }

    /// Returns a field with a string that says something: the gateway writes `-` for what a request does not have.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let text = self.fields.get(name)?.as_str()?;
        Some(text).filter(|text| !matches!(*text, "" | "-"))
    }

    /// Returns a field with a number, which the gateway writes as a string.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)
            .and_then(|text| text.parse().ok())
            .or_else(|| self.fields.get(name)?.as_u64())
    }

    pub(crate) const fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// Returns whether the gateway wrote the line to its access log.
    pub(crate) fn is_of_gateway(&self) -> bool {
        self.fields.contains_key("requestId") && self.fields.contains_key("status")
    }
}
