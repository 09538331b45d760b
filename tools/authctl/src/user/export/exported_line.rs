//! A user as a line of an export, which an import reads back unchanged.

use std::collections::BTreeMap;

use auth::{accounts::ExportedUser, user::Status};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::output::date;

/// An exported user. The fields are the columns, in their order. Custom claims are an object in JSON, and a string with
/// that object in CSV.
#[derive(Serialize)]
pub(super) struct ExportedLine<'a, C> {
    email: &'a str,
    password_hash: &'a str,
    role: &'a str,
    scope: &'a str,
    custom_claims: C,
    status: Status,
    user_id: &'a str,
    created_at: String,
    password_changed_at: String,
    epoch: u64,
}

/// An object whose members are sorted by name at every depth. The table keeps no order, so exports would differ without
/// sorting.
pub(super) struct Sorted<'a>(pub(super) &'a Map<String, Value>);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members: BTreeMap<&String, SortedValue<'_>> =
            self.0.iter().map(|(name, value)| (name, SortedValue(value))).collect();
        members.serialize(serializer)
    }
}

struct SortedValue<'a>(&'a Value);

impl Serialize for SortedValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => Sorted(members).serialize(serializer),
            Value::Array(values) => serializer.collect_seq(values.iter().map(SortedValue)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.0.serialize(serializer),
        }
    }
}

impl<'a, C> ExportedLine<'a, C> {
    pub(super) fn new(exported: &'a ExportedUser, custom_claims: C) -> anyhow::Result<Self> {
        let ExportedUser { user, credentials } = exported;
        Ok(Self {
            email: &user.email,
            password_hash: credentials.password_hash.expose(),
            role: user.role.as_str(),
            scope: user.scope.as_str(),
            custom_claims,
            status: user.status,
            user_id: user.id.as_str(),
            created_at: date(user.created_at)?,
            password_changed_at: date(credentials.password_changed_at)?,
            epoch: user.epoch,
        })
    }
}
