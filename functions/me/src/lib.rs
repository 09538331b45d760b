//! `GET /auth/me` returns what the authorizer passed on. It is the example of a protected route.

use api::{Answer, Failure, Handler, Request};
use claims::Moment;

/// The function, which needs no settings.
#[derive(Clone, Copy, Debug)]
pub struct Me;

impl Handler for Me {
    async fn handle(&self, request: Request, _: Moment) -> Result<Answer, Failure> {
        request.require_get()?;

        let context = request.authorizer_context()?;

        Ok(Answer::json(context))
    }
}
