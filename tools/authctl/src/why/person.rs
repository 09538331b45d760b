//! The user and the session of a request, as they are now.

use auth::user::FindUser as _;
use claims::{Clock as _, SessionId, UserId};
use serde::Serialize;

use crate::{
    arguments::Target,
    hint, output,
    session::list_live,
    target::{self, SessionStores},
};

/// A user and a session.
#[derive(Debug, Default, Serialize)]
pub(super) struct Person {
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The status of the user, or `deleted` if there is no such user any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// Whether the session can still be refreshed.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_alive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    /// Why nothing more is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
}

impl Person {
    /// Looks up a user, and their session if the request names one. An operator who may not read users sees why.
    pub(super) async fn find(user: &str, sid: Option<&str>, target: &Target) -> Self {
        let person = Self {
            user_id: user.to_owned(),
            sid: sid.map(str::to_owned),
            ..Self::default()
        };
        match person.read(target).await {
            Ok(found) => found,
            Err(error) => Self {
                unknown: Some(format!("{:#}", hint::quote(error, target).await)),
                user_id: user.to_owned(),
                sid: sid.map(str::to_owned),
                ..Self::default()
            },
        }
    }

    async fn read(self, target: &Target) -> anyhow::Result<Self> {
        let stores: SessionStores = target::session_stores(target).await?;
        let id = UserId::parse(self.user_id.as_str())?;
        let Some(user) = stores.users.user(&id).await? else {
            return Ok(Self {
                status: Some("deleted"),
                is_alive: self.sid.is_some().then_some(false),
                ..self
            });
        };
        let sid = self.sid.as_deref().and_then(|sid| SessionId::parse(sid).ok());
        let found = match &sid {
            None => None,
            Some(sid) => {
                let now = stores.clock().await?.now();
                let live = list_live(&id, now.timestamp(), &stores).await?;
                Some(live.into_iter().find(|session| session.sid == *sid))
            }
        };
        let last_used = found.as_ref().and_then(Option::as_ref);
        Ok(Self {
            email: Some(user.email.clone()),
            status: Some(user.status.as_str()),
            is_alive: found.as_ref().map(Option::is_some),
            last_used_at: last_used
                .map(|session| output::date(session.last_used_at))
                .transpose()?,
            ..self
        })
    }

    /// Returns lines for people: a name and what is known.
    pub(super) fn text(&self) -> Vec<(&'static str, String)> {
        let known = [Some(&self.user_id), self.email.as_ref()].into_iter().flatten();
        let known: Vec<_> = known.map(String::as_str).chain(self.status).collect();
        let mut lines = vec![("user", known.join(", "))];
        if let Some(sid) = &self.sid {
            let state = match (self.is_alive, &self.last_used_at) {
                (Some(true), Some(at)) => format!(", alive, last refreshed {at}"),
                (Some(true), None) => ", alive".to_owned(),
                (Some(false), _) => ", over".to_owned(),
                (None, _) => String::new(),
            };
            lines.push(("session", format!("{sid}{state}")));
        }
        if let Some(why) = &self.unknown {
            lines.push(("", format!("no more is known: {why}")));
        }
        lines
    }
}
