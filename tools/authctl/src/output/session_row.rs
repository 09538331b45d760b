//! A session as a row of output.

use auth::session::{ClientDetails, ListedSession};
use serde::Serialize;

use super::{Row, date};

/// A session as printed.
#[derive(Serialize)]
pub(crate) struct SessionRow<'a> {
    sid: &'a str,
    created_at: String,
    last_used_at: String,
    ip: &'a str,
    label: &'a str,
    user_agent: &'a str,
}

impl<'a> SessionRow<'a> {
    pub(crate) fn new(session: &'a ListedSession) -> anyhow::Result<Self> {
        let ClientDetails { ip, user_agent, label } = &session.client;
        Ok(Self {
            sid: session.sid.as_str(),
            created_at: date(session.created_at)?,
            last_used_at: date(session.last_used_at)?,
            ip: ip.as_deref().unwrap_or_default(),
            label: label.as_deref().unwrap_or_default(),
            user_agent: user_agent.as_deref().unwrap_or_default(),
        })
    }
}

impl Row for SessionRow<'_> {
    const COLUMNS: &'static [&'static str] = &["SESSION ID", "CREATED", "LAST USED", "IP", "LABEL", "USER AGENT"];

    fn cells(&self) -> Vec<String> {
        [
            self.sid,
            &self.created_at,
            &self.last_used_at,
            self.ip,
            self.label,
            self.user_agent,
        ]
        .map(str::to_owned)
        .into()
    }
}
