//! Requests about the caller's own sessions: who calls, and what they ask.

use auth::{session::LONGEST_LIST, user::Email};
use claims::{SessionId, UserId};
use lambda_http::{Request, http::Method};
use serde_json::Value;

use crate::{Failure, authorizer_context, cursor, path, query};

/// How many sessions a list has that says no limit.
const LIMIT: usize = 50;

/// Who calls, as the authorizer passed it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user_id: UserId,
    /// The session of their access token.
    pub sid: SessionId,
    /// The address that their access token says.
    pub email: Option<Email>,
}

/// What is asked about sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionsRequest {
    /// Which there are: `GET /auth/sessions`, with `limit` and `cursor` in its query.
    List {
        /// The session that the list goes on before; the newest ones where there is none.
        before: Option<SessionId>,
        /// How many are wanted at most.
        limit: usize,
    },
    /// To end this one: `DELETE /auth/sessions/{sid}`.
    Revoke(SessionId),
}

/// Who calls.
///
/// # Errors
/// When the route has no authorizer, or was reached around the gateway.
pub fn caller(request: &Request) -> Result<Caller, Failure> {
    let context = authorizer_context(request)?;
    let text = |name: &str| context.get(name).and_then(Value::as_str).map(str::to_owned);
    let caller = || {
        Some(Caller {
            user_id: UserId::parse(text("sub")?).ok()?,
            sid: SessionId::parse(text("sid")?).ok()?,
            email: text("email").and_then(|email| Email::parse(&email).ok()),
        })
    };
    caller().ok_or_else(Failure::unauthorized)
}

/// What is asked; stages may put something before the path.
///
/// # Errors
/// When the method is not one of the path's, what stands in the session's place is no session id, or a list is asked for
/// with a limit or a cursor that there is not.
pub fn sessions_request(request: &Request) -> Result<SessionsRequest, Failure> {
    let (_, rest) = path(request).rsplit_once("/sessions").unwrap_or_default();
    match rest.strip_prefix('/') {
        None if request.method() == Method::GET => list(request),
        None => Err(Failure::method_not_allowed("GET")),
        Some(sid) if request.method() == Method::DELETE => SessionId::parse(sid)
            .map(SessionsRequest::Revoke)
            .map_err(|_| Failure::not_found()),
        Some(_) => Err(Failure::method_not_allowed("DELETE")),
    }
}

fn list(request: &Request) -> Result<SessionsRequest, Failure> {
    Ok(SessionsRequest::List {
        before: query::parameter(request, "cursor").map(cursor::read).transpose()?,
        limit: query::number(request, "limit", LIMIT, LONGEST_LIST)?,
    })
}
