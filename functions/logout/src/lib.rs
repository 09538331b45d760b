//! `POST /auth/logout`: ends the session of a refresh token.

use api::{Answer, Failure, Handler, PresentedToken, Request};
use claims::{Millis, Refresh, Verifier};
use config::{ConfigError, Environment, Origins};
use store::SessionTable;

/// What the function works with; made once per process.
#[derive(Debug)]
pub struct Logout {
    verifier: Verifier<Refresh>,
    origins: Origins,
    sessions: SessionTable,
}

impl Logout {
    /// The function that this environment describes.
    ///
    /// # Errors
    /// When a variable is missing or wrong.
    pub fn new(environment: &Environment, client: store::Client) -> Result<Self, ConfigError> {
        Ok(Self {
            verifier: Verifier::refresh(environment.issuer()?, environment.refresh_keys()?.verifying_keys()),
            origins: environment.allowed_origins()?,
            sessions: SessionTable::new(client, environment.refresh_tokens_table()?),
        })
    }
}

impl Handler for Logout {
    async fn handle(&self, request: Request, now: Millis) -> Result<Answer, Failure> {
        let PresentedToken {
            token,
            delivery,
            fields,
        } = api::presented_token(&request, &self.origins)?;
        fields.one_of("scope", &[("session", ())], ())?;

        let logout = auth::logout(&token, delivery, now.timestamp(), &self.verifier, &self.sessions).await?;

        Ok(Answer::logged_out(&logout, delivery))
    }
}
