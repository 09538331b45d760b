//! A user as a line of an export, which an import reads back unchanged.

use std::collections::BTreeMap;

use auth::accounts::ExportedUser;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::user::column::Column;

/// An exported user: the value of each column, in their order.
pub(super) struct ExportedLine(Vec<(Column, Value)>);

/// A value whose objects have their members sorted by name at every depth. The table keeps no order, so exports would
/// differ without sorting.
struct Sorted<'a>(&'a Value);

impl ExportedLine {
    pub(super) fn new(exported: &ExportedUser) -> anyhow::Result<Self> {
        let values = Column::ALL.iter().map(|column| Ok((*column, column.get(exported)?)));
        values.collect::<anyhow::Result<_>>().map(Self)
    }

    /// Returns the cells in CSV, which has objects as strings of JSON.
    pub(super) fn cells(&self) -> anyhow::Result<Vec<String>> {
        let cells = self.0.iter().map(|(_, value)| match value.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Ok(serde_json::to_string(&Sorted(value))?),
        });
        cells.collect()
    }
}

/// Writes an object whose members are the columns.
impl Serialize for ExportedLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(column, value)| (column.name(), Sorted(value))))
    }
}

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let members: BTreeMap<&String, Sorted<'_>> =
                    members.iter().map(|(name, value)| (name, Sorted(value))).collect();
                members.serialize(serializer)
            }
            Value::Array(values) => serializer.collect_seq(values.iter().map(Sorted)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.0.serialize(serializer),
        }
    }
}
