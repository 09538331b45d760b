//! A line of a file of users, before it is validated.

use std::collections::BTreeMap;

use auth::{
    accounts::UserRecord,
    password::PasswordHash,
    user::{Email, Status},
};
use claims::{Role, Scope, Timestamp, UserId};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::user::column::Column;

/// The values of one line.
#[derive(Debug)]
pub(super) struct Line {
    /// The number of its first line in the file, from 1.
    pub(super) number: u64,
    /// The values that are present.
    pub(super) values: BTreeMap<Column, Value>,
}

/// The maximum length of a user id in bytes, which is that of generated ids. Every token has a user id, and the size
/// limit of tokens counts on this maximum.
const MAX_USER_ID: usize = 36;

impl Line {
    /// Validates the line and returns its user.
    pub(super) fn into_record(mut self) -> Result<UserRecord, Refusal> {
        Ok(UserRecord {
            email: self.required(Column::Email, |value| Email::parse(value.as_str()?).ok())?,
            password_hash: self.required(Column::PasswordHash, |value| {
                Some(PasswordHash::from_stored(value.as_str()?.to_owned()))
            })?,
            role: self.or(Column::Role, "user", |value| Role::parse(value.as_str()?).ok())?,
            scope: self.or(Column::Scope, "", |value| Scope::parse(value.as_str()?).ok())?,
            custom_claims: self.given(Column::CustomClaims, object)?.unwrap_or_default(),
            status: self.or(Column::Status, "enabled", |value| Status::deserialize(value).ok())?,
            user_id: self.given(Column::UserId, user_id)?,
            created_at: self.given(Column::CreatedAt, timestamp)?,
            password_changed_at: self.given(Column::PasswordChangedAt, timestamp)?,
            epoch: self.given(Column::Epoch, number)?.unwrap_or_default(),
        })
    }

    fn required<T>(&mut self, column: Column, parse: impl FnOnce(&Value) -> Option<T>) -> Result<T, Refusal> {
        let given = self.given(column, parse)?;
        given.ok_or_else(|| Refusal::new(self.number, column, "missing"))
    }

    fn or<T>(&mut self, column: Column, default: &str, parse: impl FnOnce(&Value) -> Option<T>) -> Result<T, Refusal> {
        self.values.entry(column).or_insert_with(|| default.into());
        self.required(column, parse)
    }

    fn given<T>(&mut self, column: Column, parse: impl FnOnce(&Value) -> Option<T>) -> Result<Option<T>, Refusal> {
        let parsed = self.values.remove(&column).map(|value| parse(&value));
        let refused = || Refusal::new(self.number, column, column.rule());
        parsed.map(|parsed| parsed.ok_or_else(refused)).transpose()
    }
}

/// Returns the value as an object. CSV has objects as strings.
fn object(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// Returns the value as a number. CSV has numbers as strings.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn user_id(value: &Value) -> Option<UserId> {
    let text = value.as_str().filter(|text| text.len() <= MAX_USER_ID)?;
    UserId::parse(text).ok()
}

fn timestamp(value: &Value) -> Option<Timestamp> {
    let at = match number(value) {
        Some(seconds) => jiff::Timestamp::from_second(seconds.try_into().ok()?).ok()?,
        None => value.as_str()?.parse().ok()?,
    };
    at.as_second().try_into().ok().map(Timestamp::new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_column_is_read_as_csv_and_as_json_have_it() {
        let json = json!({
            "email": "Ada@Example.com", "password_hash": "$2b$...", "role": "admin", "scope": "a b",
            "custom_claims": {"tenant": 7}, "status": "disabled", "user_id": "7", "created_at": "1970-01-01T00:00:01Z",
            "password_changed_at": 2, "epoch": 3
        });
        let csv = json!({
            "email": "Ada@Example.com", "password_hash": "$2b$...", "role": "admin", "scope": "a b",
            "custom_claims": "{\"tenant\": 7}", "status": "disabled", "user_id": "7", "created_at": "1",
            "password_changed_at": "1970-01-01T01:00:02.9+01:00", "epoch": "3"
        });

        for values in [json, csv] {
            let record = line(&values).into_record().unwrap();

            assert_eq!(record.email.typed(), "Ada@Example.com");
            assert_eq!(record.password_hash.expose(), "$2b$...");
            assert_eq!((record.role.as_str(), record.scope.as_str()), ("admin", "a b"));
            assert_eq!(Value::Object(record.custom_claims), json!({"tenant": 7}));
            assert_eq!(record.status, Status::Disabled);
            assert_eq!(record.user_id.unwrap().as_str(), "7");
            assert_eq!(record.created_at, Some(Timestamp::new(1)));
            assert_eq!(record.password_changed_at, Some(Timestamp::new(2)));
            assert_eq!(record.epoch, 3);
        }
    }

    #[test]
    fn an_id_has_the_room_in_tokens_that_ours_have() {
        for (length, accepted) in [(36, true), (37, false)] {
            let values = json!({"email": "a@b", "password_hash": "$2b$...", "user_id": "x".repeat(length)});

            assert_eq!(line(&values).into_record().is_ok(), accepted, "{length}");
        }
    }

    #[test]
    fn what_a_line_leaves_out_is_as_for_a_new_user() {
        let values = json!({"email": "ada@example.com", "password_hash": "$2b$..."});

        let record = line(&values).into_record().unwrap();

        assert_eq!((record.role.as_str(), record.scope.as_str()), ("user", ""));
        assert_eq!((record.status, record.epoch), (Status::Enabled, 0));
        assert!(record.custom_claims.is_empty() && record.user_id.is_none());
        assert!(record.created_at.is_none() && record.password_changed_at.is_none());
    }

    #[test]
    fn what_is_wrong_is_named_and_never_shown() {
        const CANARY: &str = "canary 4f1e\"";
        for column in Column::ALL {
            for wrong in [json!(CANARY), json!([CANARY]), json!({CANARY: CANARY}), json!(-1.5)] {
                let mut values = json!({"email": "ada@example.com", "password_hash": "$2b$..."});
                values[column.name()] = wrong;

                let Err(refusal) = line(&values).into_record() else {
                    // A hash is checked later, and any object may be custom claims.
                    assert!(
                        [Column::PasswordHash, Column::CustomClaims].contains(&column),
                        "{column:?}"
                    );
                    continue;
                };

                assert_eq!((refusal.line, refusal.field), (7, Some(column)));
                assert!(!refusal.to_string().contains("4f1e"), "{refusal}");
            }
        }
    }

    #[test]
    fn no_line_goes_without_address_and_hash() {
        for column in Column::REQUIRED {
            let mut line = line(&json!({"email": "ada@example.com", "password_hash": "$2b$..."}));
            line.values.remove(&column);

            let refusal = line.into_record().unwrap_err();

            assert_eq!(refusal.to_string(), format!("line 7: {}: missing", column.name()));
        }
    }

    #[test]
    fn a_time_beyond_the_calendar_is_refused() {
        for wrong in [
            "1969-12-31T23:59:59Z",
            "253402300800",
            "18446744073709551616",
            "yesterday",
            "2026-11-25",
        ] {
            assert_eq!(timestamp(&json!(wrong)), None, "{wrong}");
        }
    }

    fn line(values: &Value) -> Line {
        let values = values.as_object().unwrap().clone().into_iter();
        Line {
            number: 7,
            values: values
                .map(|(name, value)| (Column::named(&name).unwrap(), value))
                .collect(),
        }
    }
}
