//! What is asked about the caller's own sessions.

use auth::session::MAX_LIST;
use claims::SessionId;
use lambda_http::http::Method;

use crate::{Failure, Request, cursor};

/// How many sessions a list has that says no limit.
const LIMIT: usize = 50;

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

impl Request {
    /// What is asked; stages may put something before the path.
    ///
    /// # Errors
    /// When the method is not one of the path's, what stands in the session's place is no session id, or a list is asked for
    /// with a limit or a cursor that there is not.
    pub fn sessions_request(&self) -> Result<SessionsRequest, Failure> {
        let (_, rest) = self.path().rsplit_once("/sessions").unwrap_or_default();
        match rest.strip_prefix('/') {
            None if self.http.method() == Method::GET => self.list(),
            None => Err(Failure::method_not_allowed("GET")),
            Some(sid) if self.http.method() == Method::DELETE => SessionId::parse(sid)
                .map(SessionsRequest::Revoke)
                .map_err(|_| Failure::not_found()),
            Some(_) => Err(Failure::method_not_allowed("DELETE")),
        }
    }

    fn list(&self) -> Result<SessionsRequest, Failure> {
        Ok(SessionsRequest::List {
            before: self.query.get("cursor").map(cursor::read).transpose()?,
            limit: self.query.number("limit", LIMIT, MAX_LIST)?,
        })
    }
}
