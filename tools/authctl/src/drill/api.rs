//! The client of the API that a drill uses.

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use ureq::{Agent, http::StatusCode};

/// A client of a Gatehouse, and of one route behind its authorizer.
#[derive(Debug)]
pub(super) struct Api {
    agent: Agent,
    url: String,
    protected: String,
}

/// The tokens and the session id of a login.
pub(super) struct Tokens {
    access: String,
    refresh: String,
    sid: String,
}

impl Api {
    pub(super) fn new(url: &str, path: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).build();
        let url = url.trim_end_matches('/').to_owned();
        Self {
            agent: config.into(),
            protected: format!("{url}{path}"),
            url,
        }
    }

    pub(super) fn login(&self, email: &str, password: &str) -> anyhow::Result<Tokens> {
        let body = json!({"email": email, "password": password, "label": "revoke-drill"});
        let (status, answer) = self.post("/auth/login", &body)?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let tokens = || {
            Some(Tokens {
                access: text("access_token")?,
                refresh: text("refresh_token")?,
                sid: text("sid")?,
            })
        };
        tokens().with_context(|| format!("the login failed: {status} {answer}"))
    }

    /// Returns `true` if the protected route answers with success, and `false` if it answers 401 or 403.
    ///
    /// # Errors
    /// If there is no answer, or it has any other status.
    pub(super) fn accepts(&self, tokens: &Tokens) -> anyhow::Result<bool> {
        let request = self.agent.get(&self.protected).header("authorization", bearer(tokens));
        let status = request
            .call()
            .with_context(|| format!("no answer from {}", self.protected))?
            .status();
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(false),
            status if status.is_success() => Ok(true),
            status => bail!("{} answered {status}", self.protected),
        }
    }

    pub(super) fn logout(&self, tokens: &Tokens, scope: &str) -> anyhow::Result<()> {
        let body = json!({"refresh_token": tokens.refresh, "scope": scope});
        let (status, answer) = self.post("/auth/logout", &body)?;
        expect_no_content(status, &answer)
    }

    pub(super) fn end_session(&self, tokens: &Tokens) -> anyhow::Result<()> {
        let url = format!("{}/auth/sessions/{}", self.url, tokens.sid);
        let request = self.agent.delete(&url).header("authorization", bearer(tokens));
        let status = request
            .call()
            .with_context(|| format!("no answer from {url}"))?
            .status();
        expect_no_content(status, &Value::Null)
    }

    fn post(&self, path: &str, body: &Value) -> anyhow::Result<(StatusCode, Value)> {
        let url = format!("{}{path}", self.url);
        let request = self.agent.post(&url).header("content-type", "application/json");
        let mut response = request
            .send(body.to_string())
            .with_context(|| format!("no answer from {url}"))?;
        let text = response.body_mut().read_to_string()?;
        Ok((response.status(), serde_json::from_str(&text).unwrap_or_default()))
    }
}

fn bearer(tokens: &Tokens) -> String {
    format!("Bearer {}", tokens.access)
}

fn expect_no_content(status: StatusCode, answer: &Value) -> anyhow::Result<()> {
    if status == StatusCode::NO_CONTENT {
        return Ok(());
    }
    bail!("the revocation failed: {status} {answer}")
}
