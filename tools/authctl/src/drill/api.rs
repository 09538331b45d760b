//! The client of the API that a drill uses.

use anyhow::{Context as _, bail};
use hyper::{
    Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::{Value, json};

use crate::network::{Answer, Web};

/// A client of a Gatehouse, and of one route behind its authorizer.
#[derive(Debug)]
pub(super) struct Api {
    web: Web,
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
    pub(super) fn new(web: Web, url: &str, path: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self {
            web,
            protected: format!("{url}{path}"),
            url,
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) async fn login(&self, email: &str, password: &str) -> anyhow::Result<Tokens> {
        let body = json!({"email": email, "password": password, "label": "revoke-drill"});
        let answer = self.post("/auth/login", &body).await?;
        let json = answer.json();
        let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
        let tokens = || {
            Some(Tokens {
                access: text("access_token")?,
                refresh: text("refresh_token")?,
                sid: text("sid")?,
            })
        };
        tokens().with_context(|| format!("the login failed: {}", refusal(&answer)))
    }

    /// Returns `true` if the protected route answers with success, and `false` if it answers 401 or 403.
    ///
    /// # Errors
    /// If there is no answer, or it has any other status.
    pub(super) async fn accepts(&self, tokens: &Tokens) -> anyhow::Result<bool> {
        match self.call(Method::GET, &self.protected, tokens).await?.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(false),
            status if status.is_success() => Ok(true),
            status => bail!("{} answered {status}", self.protected),
        }
    }

    pub(super) async fn logout(&self, tokens: &Tokens, scope: &str) -> anyhow::Result<()> {
        let body = json!({"refresh_token": tokens.refresh, "scope": scope});
        expect_no_content(&self.post("/auth/logout", &body).await?)
    }

    pub(super) async fn end_session(&self, tokens: &Tokens) -> anyhow::Result<()> {
        let url = format!("{}/auth/sessions/{}", self.url, tokens.sid);
        expect_no_content(&self.call(Method::DELETE, &url, tokens).await?)
    }

    async fn call(&self, method: Method, url: &str, tokens: &Tokens) -> anyhow::Result<Answer> {
        let bearer = format!("Bearer {}", tokens.access);
        self.web
            .send(method, url, &[(AUTHORIZATION, &bearer)], String::new())
            .await
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let url = format!("{}{path}", self.url);
        let headers = [(CONTENT_TYPE, "application/json")];
        self.web.send(Method::POST, &url, &headers, body.to_string()).await
    }
}

fn expect_no_content(answer: &Answer) -> anyhow::Result<()> {
    if answer.status == StatusCode::NO_CONTENT {
        return Ok(());
    }
    bail!("the revocation failed: {}", refusal(answer))
}

/// Returns the status and the error code of an answer. The other members may be tokens.
fn refusal(answer: &Answer) -> String {
    let json = answer.json();
    let code = json.get("error").and_then(Value::as_str).unwrap_or_default();
    format!("{} {code}", answer.status).trim_end().to_owned()
}
