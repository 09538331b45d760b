//! `POST /auth/logout`: ends the session of a refresh token, the user's others, or all.

use api::{Answer, Failure, Handler, PresentedToken, Request};
use auth::LogoutScope;
use claims::{Millis, Refresh, Verifier};
use config::{ConfigError, Environment, Origins};
use store::{Epochs, FeedTable, SessionTable, UserTable};

/// What the function works with; made once per process.
#[derive(Debug)]
pub struct Logout {
    verifier: Verifier<Refresh>,
    origins: Origins,
    sessions: SessionTable,
    epochs: Epochs,
    feed: FeedTable,
}

impl Logout {
    /// The function that this environment describes.
    ///
    /// # Errors
    /// When a variable is missing or wrong.
    pub fn new(environment: &Environment, client: store::Client) -> Result<Self, ConfigError> {
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let sessions = SessionTable::new(client.clone(), environment.refresh_tokens_table()?);
        Ok(Self {
            verifier: Verifier::refresh(environment.issuer()?, environment.refresh_keys()?.verifying_keys()),
            origins: environment.allowed_origins()?,
            epochs: Epochs::new(client.clone(), users, sessions.clone()),
            feed: FeedTable::new(client, environment.authorizer_feed_table()?),
            sessions,
        })
    }
}

/// The scopes, as requests name them.
const SCOPES: &[(&str, LogoutScope)] = &[
    ("session", LogoutScope::Session),
    ("others", LogoutScope::Others),
    ("all", LogoutScope::All),
];

impl Handler for Logout {
    async fn handle(&self, request: Request, now: Millis) -> Result<Answer, Failure> {
        let PresentedToken {
            token,
            delivery,
            fields,
        } = api::presented_token(&request, &self.origins)?;
        let scope = fields.one_of("scope", SCOPES, LogoutScope::Session)?;

        let logout = auth::logout(
            &token,
            delivery,
            scope,
            now,
            &self.verifier,
            &self.sessions,
            &self.epochs,
            &self.feed,
        )
        .await?;

        Ok(Answer::logged_out(&logout, scope, delivery))
    }
}
