//! A user as a line of a file, which an import reads as it was.

use auth::{ExportedUser, Status};
use serde::Serialize;

use crate::output::date;

/// Its fields are the columns, in their order; custom claims are an object in JSON and its text in CSV.
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
