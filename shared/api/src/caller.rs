//! The caller of a protected route, as described in the context that the authorizer passed on.

use auth::user::Email;
use claims::{SessionId, UserId};
use serde_json::Value;

use crate::{Failure, Request};

/// The user and the session of a request, from the context that the authorizer passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The id of the user.
    pub user_id: UserId,
    /// The id of the session that the access token belongs to.
    pub sid: SessionId,
    /// The email address in the access token, if there is a valid one.
    pub email: Option<Email>,
}

impl Request {
    /// Returns the user and the session of the access token that the authorizer verified.
    ///
    /// # Errors
    /// If the authorizer's context has no valid user id or no valid session id. This happens if the route has no
    /// authorizer or the request did not come through the gateway.
    pub fn caller(&self) -> Result<Caller, Failure> {
        let context = self.authorizer_context()?;
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
}
