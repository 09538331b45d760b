//! A user as a row of output.

use auth::user::{FactorKinds, Status, User};
use serde::Serialize;

use super::{Row, date};

/// A user as printed.
#[derive(Serialize)]
pub(crate) struct UserRow<'a> {
    user_id: &'a str,
    email: &'a str,
    role: &'a str,
    scope: &'a str,
    status: Status,
    factors: FactorKinds,
    created_at: String,
}

impl<'a> UserRow<'a> {
    pub(crate) fn new(user: &'a User) -> anyhow::Result<Self> {
        Ok(Self {
            user_id: user.id.as_str(),
            email: &user.email,
            role: user.role.as_str(),
            scope: user.scope.as_str(),
            status: user.status,
            factors: user.factors,
            created_at: date(user.created_at)?,
        })
    }
}

impl Row for UserRow<'_> {
    const COLUMNS: &'static [&'static str] = &["USER ID", "EMAIL", "ROLE", "SCOPE", "STATUS", "FACTORS", "CREATED"];

    fn cells(&self) -> Vec<String> {
        let status = self.status.as_str();
        [
            self.user_id,
            self.email,
            self.role,
            self.scope,
            status,
            self.factors.as_str(),
            &self.created_at,
        ]
        .map(str::to_owned)
        .into()
    }
}
