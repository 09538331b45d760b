//! `POST /auth/logout`: ends the session of a refresh token, the user's others, or all.

use api::{Answer, AuditEvent, Failure, Handler, PresentedToken, Request};
use auth::{BudgetedFeed, KeyReader, LogoutScope, RefreshKeys};
use claims::{Millis, Refresh};
use config::{ConfigError, Environment, Origins};
use store::{Attempts, Aws, Epochs, FeedTable, KeySource, SessionTable, UserTable};

/// What the function works with; made once per process.
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
    /// The function that this environment describes.
    ///
    /// # Errors
    /// When a variable is missing or wrong, or the key set is.
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
        let lacks = |keys: &RefreshKeys| keys.verifier().lacks_key_of(&token, now.timestamp());
        let keys = self.keys.known_for(now, lacks).await?;

        let logout = auth::logout(
            &token,
            delivery,
            scope,
            now,
            keys.verifier(),
            &self.users,
            &self.sessions,
            &self.epochs,
            &self.feed,
        )
        .await?;

        Ok(Answer::logged_out(&logout, scope, delivery))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        self.keys.take_fault().map(AuditEvent::from).into_iter().collect()
    }
}
