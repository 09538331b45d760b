//! The columns of a file of users.

use serde::Serialize;

/// A column of a CSV file, or a member of an object in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Column {
    Email,
    PasswordHash,
    Role,
    Scope,
    CustomClaims,
    Status,
    UserId,
    CreatedAt,
    PasswordChangedAt,
    Epoch,
}

impl Column {
    /// All columns, in the order of an export.
    pub(super) const ALL: [Self; 10] = [
        Self::Email,
        Self::PasswordHash,
        Self::Role,
        Self::Scope,
        Self::CustomClaims,
        Self::Status,
        Self::UserId,
        Self::CreatedAt,
        Self::PasswordChangedAt,
        Self::Epoch,
    ];
    /// The required columns.
    pub(super) const REQUIRED: [Self; 2] = [Self::Email, Self::PasswordHash];

    /// Returns the column's name in a file.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PasswordHash => "password_hash",
            Self::Role => "role",
            Self::Scope => "scope",
            Self::CustomClaims => "custom_claims",
            Self::Status => "status",
            Self::UserId => "user_id",
            Self::CreatedAt => "created_at",
            Self::PasswordChangedAt => "password_changed_at",
            Self::Epoch => "epoch",
        }
    }

    /// Returns the column with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// Returns the rule for the column's values, as an error message.
    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::Email => "must be an address of at most 254 bytes",
            Self::PasswordHash => "must be a string",
            Self::Role => "must be 1 to 100 visible ASCII characters without quotes or backslashes",
            Self::UserId => "must be 1 to 36 visible ASCII characters without quotes or backslashes",
            Self::Scope => "must be words of visible ASCII characters, with one space between two",
            Self::CustomClaims => "must be a JSON object",
            Self::Status => "must be enabled or disabled",
            Self::CreatedAt | Self::PasswordChangedAt => {
                "must be a date and time as in RFC 3339, or seconds since 1970"
            }
            Self::Epoch => "must be a whole number",
        }
    }
}
