//! All that is known about a user, as lines of output.

use auth::{attempts::HeldLane, session::ListedSession, user::User};
use claims::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Row as _, UserRow, date, print, print_result};
use crate::arguments::Output;

/// Something that is known, or why it is not: the operator may lack a permission.
#[derive(Debug)]
pub(crate) enum Known<T> {
    Yes(T),
    No(String),
}

/// A user as printed with all details.
#[derive(Serialize)]
pub(crate) struct UserDetails<'a> {
    #[serde(flatten)]
    user: UserRow<'a>,
    /// When the account is removed, if its owner has deleted it.
    delete_at: Option<String>,
    custom_claims: &'a Map<String, Value>,
    password_changed_at: Option<String>,
    /// When the newest stored session began. Sessions that are over are stored for some days.
    last_login_at: Option<String>,
    sessions: Sessions,
    /// The lanes that hold attempts up, or `null` if they could not be read.
    throttled: Option<Vec<Throttled<'a>>>,
    /// Why the lanes could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    throttled_unknown: Option<String>,
}

/// The live sessions of a user.
#[derive(Serialize)]
struct Sessions {
    live: usize,
    last_used_at: Option<String>,
}

/// A lane that holds attempts up.
#[derive(Serialize)]
struct Throttled<'a> {
    lane: &'static str,
    key: String,
    failures: u64,
    state: &'a str,
    until: String,
}

impl<'a> UserDetails<'a> {
    pub(crate) fn new(
        user: &'a User,
        password_changed_at: Option<Timestamp>,
        live: &[ListedSession],
        last_login: Option<Timestamp>,
        held: Known<Vec<HeldLane>>,
    ) -> anyhow::Result<Self> {
        let last_used = live.iter().map(|session| session.last_used_at).max();
        let (held, throttled_unknown) = match held {
            Known::Yes(held) => (Some(held), None),
            Known::No(why) => (None, Some(why)),
        };
        let throttled = held.map(|held| held.into_iter().map(Throttled::new).collect());
        Ok(Self {
            user: UserRow::new(user)?,
            delete_at: user.delete_at.map(date).transpose()?,
            custom_claims: &user.custom_claims,
            password_changed_at: password_changed_at.map(date).transpose()?,
            last_login_at: last_login.map(date).transpose()?,
            sessions: Sessions {
                live: live.len(),
                last_used_at: last_used.map(date).transpose()?,
            },
            throttled: throttled.transpose()?,
            throttled_unknown,
        })
    }

    /// Returns the details as lines for people.
    fn text(&self) -> String {
        let facts = UserRow::COLUMNS.iter().map(|name| (*name).to_owned());
        let mut lines: Vec<(String, String)> = facts.zip(self.user.cells()).collect();
        let or_none = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.to_owned());
        if let Some(delete_at) = &self.delete_at {
            lines.push(("REMOVED AT".to_owned(), delete_at.clone()));
        }
        let claims = serde_json::to_string(self.custom_claims).unwrap_or_default();
        lines.push(("CUSTOM CLAIMS".to_owned(), claims));
        let password = or_none(&self.password_changed_at, "none");
        lines.push(("PASSWORD SET".to_owned(), password));
        let login = or_none(&self.last_login_at, "no stored session");
        lines.push(("LAST LOGIN".to_owned(), login));
        lines.push(("SESSIONS".to_owned(), self.sessions.text()));
        lines.extend(self.throttling());
        let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        let lines = lines.iter().map(|(name, value)| format!("{name:width$}  {value}"));
        lines
            .map(|line| line.trim_end().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn throttling(&self) -> Vec<(String, String)> {
        let name = || "THROTTLED".to_owned();
        match (&self.throttled, &self.throttled_unknown) {
            (None, why) => vec![(name(), format!("unknown: {}", why.as_deref().unwrap_or_default()))],
            (Some(lanes), _) if lanes.is_empty() => vec![(name(), "no".to_owned())],
            (Some(lanes), _) => lanes.iter().map(|lane| (name(), lane.text())).collect(),
        }
    }
}

impl Sessions {
    fn text(&self) -> String {
        match &self.last_used_at {
            None => self.live.to_string(),
            Some(at) => format!("{}, last used {at}", self.live),
        }
    }
}

impl Throttled<'_> {
    fn new(held: HeldLane) -> anyhow::Result<Self> {
        Ok(Self {
            lane: held.lane,
            key: held.key,
            failures: held.failures,
            state: held.hold.as_str(),
            until: date(held.until)?,
        })
    }

    fn text(&self) -> String {
        format!(
            "{} {}: {} failures, {} until {}",
            self.lane, self.key, self.failures, self.state, self.until
        )
    }
}

/// Prints a user with all details.
pub(crate) fn print_details(details: &UserDetails<'_>, output: Output) -> anyhow::Result<()> {
    match output {
        Output::Name => Ok(print(&details.user.name())?),
        Output::Json | Output::Jsonl | Output::Table => print_result(details, &details.text(), output),
    }
}
