//! What a file says of a user, column by column.

use serde::Serialize;

/// A column, which is a member of an object where the file is JSON.
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
    /// In the order in which they are exported.
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
    /// Those that no file goes without.
    pub(super) const REQUIRED: [Self; 2] = [Self::Email, Self::PasswordHash];

    /// As a file names it.
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

    /// The column of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// What every value in it must be.
    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::Email => "must be an address of at most 254 bytes",
            Self::PasswordHash => "must be the text of a hash",
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
