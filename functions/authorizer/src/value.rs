//! An object of JSON that is made of its members. Unlike `json!`, it moves the members and does not copy them.

use serde_json::Value;

pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
