//! The columns of a file of users. To import and export a new attribute of users, add one entry here.

use auth::{
    accounts::{ExportedUser, UserRecord},
    user::Status,
};
use claims::{Role, Scope};
use serde::{Deserialize as _, Serialize};
use serde_json::{Value, json};

use crate::{output::date, user::value};

/// Declares the columns, in the order of an export. Each has a name, the rule for its values as an error message, and a
/// function that returns its value for an export. An optional column also has a function that sets its value in an
/// import, and returns `None` if the value breaks the rule.
macro_rules! columns {
    (
        required { $($required:ident = $required_name:literal, $required_rule:literal, $required_get:expr;)+ }
        optional { $($optional:ident = $name:literal, $rule:literal, $get:expr, $set:expr;)+ }
    ) => {
        /// A column of a CSV file, or a member of a JSON object.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum Column {
            $($required,)+
            $($optional,)+
        }

        impl Column {
            /// The required columns.
            pub(super) const REQUIRED: [Self; [$($required_name),+].len()] = [$(Self::$required),+];
            /// All columns, in the order of an export.
            pub(super) const ALL: [Self; [$($required_name,)+ $($name),+].len()] =
                [$(Self::$required,)+ $(Self::$optional),+];

            /// Returns the column's name in a file.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Self::$required => $required_name,)+
                    $(Self::$optional => $name,)+
                }
            }

            /// Returns the rule for the column's values, as an error message.
            pub(super) const fn rule(self) -> &'static str {
                match self {
                    $(Self::$required => $required_rule,)+
                    $(Self::$optional => $rule,)+
                }
            }

            /// Returns a user's value in this column.
            ///
            /// # Errors
            /// If a time is too far in the future to be written.
            pub(super) fn get(self, exported: &ExportedUser) -> anyhow::Result<Value> {
                let get: fn(&ExportedUser) -> anyhow::Result<Value> = match self {
                    $(Self::$required => $required_get,)+
                    $(Self::$optional => $get,)+
                };
                get(exported)
            }

            /// Sets the column's value in a record. Setting a required column changes nothing, since the record already
            /// has its value. Returns `None` if the value breaks the column's rule.
            pub(super) fn set(self, record: &mut UserRecord, value: &Value) -> Option<()> {
                let set: fn(&mut UserRecord, &Value) -> Option<()> = match self {
                    $(Self::$required)|+ => |_, _| Some(()),
                    $(Self::$optional => $set,)+
                };
                set(record, value)
            }
        }
    };
}

columns! {
    required {
        Email = "email", "must be an address of at most 254 bytes", |exported| Ok(json!(exported.user.email));
        PasswordHash = "password_hash", "must be a string", |exported| {
            Ok(json!(exported.credentials.password_hash.expose()))
        };
    }
    optional {
        Role = "role", "must be 1 to 100 visible ASCII characters without quotes or backslashes",
            |exported| Ok(json!(exported.user.role)),
            |record, value| {
                record.user.role = Role::parse(value.as_str()?).ok()?;
                Some(())
            };
        Scope = "scope", "must be scope tokens separated by single spaces",
            |exported| Ok(json!(exported.user.scope)),
            |record, value| {
                record.user.scope = Scope::parse(value.as_str()?).ok()?;
                Some(())
            };
        CustomClaims = "custom_claims", "must be a JSON object",
            |exported| Ok(json!(exported.user.custom_claims)),
            |record, value| {
                record.user.custom_claims = value::object(value)?;
                Some(())
            };
        Status = "status", "must be enabled, disabled or deleting",
            |exported| Ok(json!(exported.user.status)),
            |record, value| {
                record.user.status = match Status::deserialize(value).ok()? {
                    // An import cannot restart the deletion, so the account only stays closed.
                    Status::Deleting => Status::Disabled,
                    status @ (Status::Enabled | Status::Disabled) => status,
                };
                Some(())
            };
        UserId = "user_id", "must be 1 to 36 visible ASCII characters without quotes or backslashes",
            |exported| Ok(json!(exported.user.id)),
            |record, value| {
                record.user_id = Some(value::user_id(value)?);
                Some(())
            };
        CreatedAt = "created_at", "must be a date and time as in RFC 3339, or seconds since 1970",
            |exported| Ok(json!(date(exported.user.created_at)?)),
            |record, value| {
                record.user.created_at = value::timestamp(value)?;
                Some(())
            };
        PasswordChangedAt = "password_changed_at", "must be a date and time as in RFC 3339, or seconds since 1970",
            |exported| Ok(json!(date(exported.credentials.password_changed_at)?)),
            |record, value| {
                record.password_changed_at = Some(value::timestamp(value)?);
                Some(())
            };
        Epoch = "epoch", "must be a whole number",
            |exported| Ok(json!(exported.user.epoch)),
            |record, value| {
                record.user.epoch = value::number(value)?;
                Some(())
            };
    }
}

impl Column {
    /// Returns the column with this name, or `None` if there is none.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_about_imports_has_every_column() {
        let page = include_str!("../../../../docs/import.md");

        for column in Column::ALL {
            let name = column.name();
            assert!(
                page.contains(&format!("`{name}`")),
                "docs/import.md needs a row for `{name}`"
            );
        }
    }
}
