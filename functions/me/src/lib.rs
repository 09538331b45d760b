//! `GET /auth/me`: what the authorizer passed on; the example of a protected route.

use api::{Answer, Failure, Handler, Request};
use claims::Millis;

/// The function; it needs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Me;

impl Handler for Me {
    async fn handle(&self, request: Request, _: Millis) -> Result<Answer, Failure> {
        request.require_get()?;

        let context = request.authorizer_context()?;

        Ok(Answer::json(context))
    }
}
