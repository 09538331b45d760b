//! `GET /auth/me` returns the context that the authorizer passed on. It is an example of a protected route.

use api::{Answer, Failure, Handler, Request};
use claims::Moment;

/// The `me` function, which needs no settings.
#[derive(Clone, Copy, Debug)]
pub struct Me;

impl Handler for Me {
    async fn handle(&self, request: Request, _: Moment) -> Result<Answer, Failure> {
        request.require_get()?;

        let context = request.authorizer_context()?;

        Ok(Answer::json(context))
    }
}
