//! Why a line is not imported, in words that reveal nothing of its contents.

use std::fmt;

use auth::{
    accounts::{ImportError, InvalidRecord},
    error::StoreError,
};
use serde::Serialize;

use crate::user::column::Column;

/// A refused line.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Refusal {
    pub(super) line: u64,
    /// The column at fault, or `None` for the whole line.
    pub(super) field: Option<Column>,
    pub(super) reason: String,
}

impl Refusal {
    pub(super) fn new(line: u64, field: impl Into<Option<Column>>, reason: impl fmt::Display) -> Self {
        Self {
            line,
            field: field.into(),
            reason: reason.to_string(),
        }
    }

    /// Refuses a line because of its contents.
    pub(super) fn from_record(line: u64, invalid: &InvalidRecord) -> Self {
        let field = match invalid {
            InvalidRecord::UnusableHash(_) => Some(Column::PasswordHash),
            InvalidRecord::CustomClaims(_) => Some(Column::CustomClaims),
            InvalidRecord::Epoch => Some(Column::Epoch),
            InvalidRecord::TooLong { .. } => None,
        };
        Self::new(line, field, invalid)
    }

    /// Refuses a line because of the existing users. An outage of the store is an error instead.
    pub(super) fn from_import(line: u64, error: ImportError) -> anyhow::Result<Self> {
        match error {
            ImportError::AddressTaken | ImportError::IdTaken => Ok(Self::new(line, Column::UserId, error)),
            // A malformed item concerns this user alone.
            ImportError::Store(cause @ StoreError::Malformed { .. }) => Ok(Self::new(line, None, cause)),
            ImportError::Store(cause @ StoreError::Unavailable { .. }) => Err(cause.into()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, field, reason } = self;
        match field {
            Some(field) => write!(formatter, "line {line}: {}: {reason}", field.name()),
            None => write!(formatter, "line {line}: {reason}"),
        }
    }
}
