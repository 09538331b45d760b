//! `POST /auth/logout` ends the sessions of the presented refresh tokens, the user's other sessions, or all sessions of
//! the user.

use api::{Answer, Failure, Handler, LogoutRequest, Request};
use auth::{
    feed::BudgetedFeed,
    keys::{self, RefreshKeys, TokenError},
    session::{Logout as LoggedOut, LogoutScope},
};
use claims::{Moment, Unverified};
use config::{ConfigError, Environment, Origins};
use runtime::AuditEvent;
use store::{Attempts, Aws, Epochs, FeedTable, FollowedSecret, SessionTable, UserTable};

/// The `logout` function, which is made once per process.
#[derive(Debug)]
pub struct Logout {
    keys: FollowedSecret<RefreshKeys>,
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
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let (issuer, keys) = (environment.issuer()?, environment.refresh_keys()?);
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let sessions = SessionTable::new(client.clone(), environment.refresh_tokens_table()?);
        let keys = store::follow_key_set(keys, aws, now, move |set| RefreshKeys::new(set, &issuer));
        let (keys, ()) = tokio::join!(Box::pin(keys), Box::pin(users.prepare()));
        Ok(Self {
            origins: environment.allowed_origins()?,
            epochs: Epochs::new(client.clone(), users.clone(), sessions.clone()),
            feed: BudgetedFeed::new(
                FeedTable::new(client.clone(), environment.authorizer_feed_table()?),
                Attempts::new(client, environment.attempts_table()?),
            ),
            users,
            sessions,
            keys: keys?,
        })
    }
}

impl Logout {
    /// Logs out with one token, which may have expired. `scope` decides which sessions end.
    async fn log_out(&self, token: &str, scope: LogoutScope, now: Moment) -> Result<LoggedOut, Failure> {
        let token = match Unverified::parse(token) {
            Ok(token) => token,
            Err(refusal) => return Ok(LoggedOut::Refused(refusal)),
        };
        let verify = |keys: &RefreshKeys| keys.verifier().verify_of_any_age(&token, now.timestamp());
        let claims = match keys::verify(&self.keys, now, verify).await {
            Ok((_, claims)) => claims,
            Err(TokenError::Refused(refusal)) => return Ok(LoggedOut::Refused(refusal)),
            Err(TokenError::Keys(fault)) => return Err(fault.into()),
        };
        let logout = Box::pin(auth::session::logout(
            claims,
            scope,
            now,
            &self.users,
            &self.sessions,
            &self.epochs,
            &self.feed,
        ));
        Ok(logout.await?)
    }
}

impl Handler for Logout {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let LogoutRequest {
            tokens,
            scope,
            delivery,
        } = request.logout_request(&self.origins)?;
        let mut logouts = Vec::new();
        for token in &tokens {
            logouts.push(self.log_out(token, scope, now).await?);
        }

        Ok(Answer::logged_out(&logouts, scope, delivery))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        self.keys.take_fault().map(AuditEvent::from).into_iter().collect()
    }
}
