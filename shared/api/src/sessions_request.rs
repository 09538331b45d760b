//! Requests about the caller's own sessions.

use auth::session::MAX_LIST;
use claims::SessionId;
use lambda_http::http::Method;

use crate::{Failure, Request, cursor};

/// The default number of sessions in a list.
const LIMIT: usize = 50;

/// A request about sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionsRequest {
    /// Lists the sessions: `GET /auth/sessions`, with `limit` and `cursor` in the query.
    List {
        /// The id of a session: the page has only sessions that are older than this one. With `None`, the page has the
        /// newest sessions.
        before: Option<SessionId>,
        /// The maximum number of sessions to return.
        limit: usize,
    },
    /// Ends a session: `DELETE /auth/sessions/{sid}`.
    Revoke(SessionId),
}

impl Request {
    /// Parses a request about sessions. The path may start with the stage name.
    ///
    /// # Errors
    /// If the path does not support the method, the session id is invalid, or the limit or the cursor of a list is
    /// invalid.
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
            before: self.query.get("cursor").map(cursor::decode).transpose()?,
            limit: self.query.number("limit", LIMIT, MAX_LIST)?,
        })
    }
}
