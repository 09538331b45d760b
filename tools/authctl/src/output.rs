//! Results, as a table or as JSON.

use anyhow::Context as _;
use auth::User;
use comfy_table::{Table, TableStyle};
use serde::Serialize;

use crate::arguments::Output;

/// A user as they are shown.
#[derive(Serialize)]
struct Row<'a> {
    user_id: &'a str,
    email: &'a str,
    role: &'a str,
    scope: &'a str,
    status: auth::Status,
    created_at: String,
}

impl<'a> Row<'a> {
    fn new(user: &'a User) -> anyhow::Result<Self> {
        let created_at = i64::try_from(user.created_at.get()).context("a date after the end of time")?;
        Ok(Self {
            user_id: user.id.as_str(),
            email: &user.email,
            role: user.role.as_str(),
            scope: user.scope.as_str(),
            status: user.status,
            created_at: jiff::Timestamp::from_second(created_at)?.to_string(),
        })
    }
}

/// Shows users.
pub(crate) fn users(users: &[User], output: Output) -> anyhow::Result<()> {
    let rows = users.iter().map(Row::new).collect::<anyhow::Result<Vec<_>>>()?;
    match output {
        Output::Json => print(&serde_json::to_string_pretty(&rows)?),
        Output::Table => print(&table(&rows)),
    }
    Ok(())
}

/// Shows one user.
pub(crate) fn user(user: &User, output: Output) -> anyhow::Result<()> {
    let row = Row::new(user)?;
    match output {
        Output::Json => print(&serde_json::to_string_pretty(&row)?),
        Output::Table => print(&table(&[row])),
    }
    Ok(())
}

/// Shows a generated password, on standard error so that a program which reads the result does not get it by accident.
#[expect(clippy::print_stderr, reason = "the operator is at the other end")]
pub(crate) fn password(password: &str) {
    eprintln!("Password, shown this once: {password}");
}

fn table(rows: &[Row<'_>]) -> String {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new())
        .set_header(["USER ID", "EMAIL", "ROLE", "SCOPE", "STATUS", "CREATED"]);
    for row in rows {
        let status = match row.status {
            auth::Status::Enabled => "enabled",
            auth::Status::Disabled => "disabled",
        };
        table.add_row([row.user_id, row.email, row.role, row.scope, status, &row.created_at]);
    }
    table.trim_fmt()
}

#[expect(clippy::print_stdout, reason = "what the command is run for")]
pub(crate) fn print(text: &str) {
    println!("{text}");
}
