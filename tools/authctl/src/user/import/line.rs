//! A line of a file of users, before it is validated.

use std::collections::BTreeMap;

use auth::{
    accounts::UserRecord,
    password::PasswordHash,
    user::{Email, NewUser},
};
use claims::{Moment, Role, Scope};
use rand::CryptoRng;
use serde_json::Value;

use super::refusal::Refusal;
use crate::user::column::Column;

/// The role of a user whose line has none.
const ROLE: &str = "user";

/// The values of one line.
#[derive(Debug)]
pub(super) struct Line {
    /// The line number in the file, from 1. For a record of several lines, it is the number of the first one.
    pub(super) number: u64,
    /// The values that are present.
    pub(super) values: BTreeMap<Column, Value>,
}

impl Line {
    /// Validates the line and returns its user. A column that is left out gets the value of a new user.
    pub(super) fn into_record(mut self, now: Moment, rng: &mut impl CryptoRng) -> Result<UserRecord, Refusal> {
        let email = self.required(Column::Email, |value| Email::parse(value.as_str()?).ok())?;
        let password_hash = self.required(Column::PasswordHash, |value| {
            Some(PasswordHash::from_stored(value.as_str()?.to_owned()))
        })?;
        let role = Role::parse(ROLE).map_err(|_| Refusal::new(self.number, Column::Role, Column::Role.rule()))?;
        let scope = Scope::default();
        let mut record = UserRecord::new(NewUser { email, role, scope }, password_hash, now, rng);
        for (column, value) in self.values {
            let set = column.set(&mut record, &value);
            set.ok_or_else(|| Refusal::new(self.number, column, column.rule()))?;
        }
        Ok(record)
    }

    fn required<T>(&mut self, column: Column, parse: impl FnOnce(&Value) -> Option<T>) -> Result<T, Refusal> {
        let value = self.values.remove(&column);
        let value = value.ok_or_else(|| Refusal::new(self.number, column, "missing"))?;
        parse(&value).ok_or_else(|| Refusal::new(self.number, column, column.rule()))
    }
}

#[cfg(test)]
mod tests {
    use auth::user::{Status, User};
    use claims::Timestamp;
    use serde_json::json;

    use super::*;

    const NOW: Moment = Moment::new(1_700_000_000_000);

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
            let record = record(&values).unwrap();

            assert_eq!(record.email.typed(), "Ada@Example.com");
            assert_eq!(record.password_hash.expose(), "$2b$...");
            assert_eq!(record.user_id.unwrap().as_str(), "7");
            assert_eq!(record.password_changed_at, Some(Timestamp::new(2)));
            let user = record.user;
            assert_eq!((user.role.as_str(), user.scope.as_str()), ("admin", "a b"));
            assert_eq!(Value::Object(user.custom_claims), json!({"tenant": 7}));
            assert_eq!((user.status, user.epoch), (Status::Disabled, 3));
            assert_eq!(user.created_at, Timestamp::new(1));
        }
    }

    #[test]
    fn an_id_has_the_room_in_tokens_that_ours_have() {
        for (length, accepted) in [(36, true), (37, false)] {
            let values = json!({"email": "a@b", "password_hash": "$2b$...", "user_id": "x".repeat(length)});

            assert_eq!(record(&values).is_ok(), accepted, "{length}");
        }
    }

    #[test]
    fn what_a_line_leaves_out_is_as_for_a_new_user() {
        let values = json!({"email": "ada@example.com", "password_hash": "$2b$..."});

        let record = record(&values).unwrap();

        let new = NewUser {
            email: Email::parse("ada@example.com").unwrap(),
            role: Role::parse("user").unwrap(),
            scope: Scope::default(),
        };
        assert_eq!(record.user, User::new(record.user.id.clone(), new, NOW.timestamp()));
        assert!(record.user_id.is_none() && record.password_changed_at.is_none());
    }

    #[test]
    fn what_is_wrong_is_named_and_never_shown() {
        const CANARY: &str = "canary 4f1e\"";
        for column in Column::ALL {
            for wrong in [json!(CANARY), json!([CANARY]), json!({CANARY: CANARY}), json!(-1.5)] {
                let mut values = json!({"email": "ada@example.com", "password_hash": "$2b$..."});
                values[column.name()] = wrong;

                let Err(refusal) = record(&values) else {
                    // A hash is checked later, and every object is accepted as custom claims.
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

            let refusal = line.into_record(NOW, &mut config::random()).unwrap_err();

            assert_eq!(refusal.to_string(), format!("line 7: {}: missing", column.name()));
        }
    }

    fn record(values: &Value) -> Result<UserRecord, Refusal> {
        line(values).into_record(NOW, &mut config::random())
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
