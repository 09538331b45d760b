//! `POST /auth/logout` ends the sessions of the presented refresh tokens, the user's other sessions, or all of them.

use api::{Answer, Failure, Handler, LogoutRequest, Request};
use auth::{
    feed::BudgetedFeed,
    keys::{KeyReader, RefreshKeys},
};
use claims::{Millis, Refresh};
use config::{ConfigError, Environment, Origins};
use runtime::AuditEvent;
use store::{Attempts, Aws, Epochs, FeedTable, KeySource, SessionTable, UserTable};

/// The function, which is made once per process.
#[derive(Debug)]
pub struct Logout {
    keys: KeyReader<KeySource, Refresh, RefreshKeys>,
    origins: Origins,
    users: UserTable,
    sessions: SessionTable,
    epochs: Epochs,
    feed: BudgetedFeed<FeedTable, Attempts>,
}

impl Logout {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or the key set is invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Millis) -> Result<Self, ConfigError> {
        let (issuer, keys) = (environment.issuer()?, environment.refresh_keys()?);
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let sessions = SessionTable::new(client.clone(), environment.refresh_tokens_table()?);
        Ok(Self {
            origins: environment.allowed_origins()?,
            epochs: Epochs::new(client.clone(), users.clone(), sessions.clone()),
            feed: BudgetedFeed::new(
                FeedTable::new(client.clone(), environment.authorizer_feed_table()?),
                Attempts::new(client, environment.attempts_table()?),
            ),
            users,
            sessions,
            keys: store::follow(keys, aws, now, move |set| RefreshKeys::new(set, &issuer)).await?,
        })
    }
}

impl Handler for Logout {
    async fn handle(&self, request: Request, now: Millis) -> Result<Answer, Failure> {
        let LogoutRequest {
            tokens,
            scope,
            delivery,
        } = request.logout_request(&self.origins)?;
        let lacks = |keys: &RefreshKeys| {
            let lacks = |token: &String| keys.verifier().lacks_key_of(token, now.timestamp());
            tokens.iter().any(lacks)
        };
        let keys = self.keys.known_for(now, lacks).await?;
        let verifier = keys.verifier();

        let mut logouts = Vec::new();
        for token in &tokens {
            let logout = auth::session::logout(
                token,
                scope,
                now,
                verifier,
                &self.users,
                &self.sessions,
                &self.epochs,
                &self.feed,
            );
            logouts.push(logout.await?);
        }

        Ok(Answer::logged_out(&logouts, scope, delivery))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        self.keys.take_fault().map(AuditEvent::from).into_iter().collect()
    }
}
