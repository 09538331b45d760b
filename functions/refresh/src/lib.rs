//! `POST /auth/refresh`: a refresh token for the next tokens.

use api::{Answer, Failure, Handler, PresentedToken, Request};
use auth::{KeySets, RefreshRule};
use claims::{Millis, Refresh, TokenTerms, Verifier};
use config::{ConfigError, Environment, Origins};
use store::{FeedTable, SessionTable, UserTable};

/// What the function works with; made once per process.
#[derive(Debug)]
pub struct RefreshTokens {
    terms: TokenTerms,
    rule: RefreshRule,
    verifier: Verifier<Refresh>,
    keys: KeySets,
    origins: Origins,
    users: UserTable,
    sessions: SessionTable,
    feed: FeedTable,
}

impl RefreshTokens {
    /// The function that this environment describes.
    ///
    /// # Errors
    /// When a variable is missing or wrong.
    pub fn new(environment: &Environment, client: store::Client) -> Result<Self, ConfigError> {
        let terms = environment.token_terms()?;
        let keys = KeySets {
            access: environment.access_keys()?,
            refresh: environment.refresh_keys()?,
        };
        Ok(Self {
            verifier: Verifier::refresh(terms.issuer.clone(), keys.refresh.verifying_keys()),
            terms,
            rule: RefreshRule {
                window: environment.refresh_window()?,
                recovery: environment.refresh_recovery()?,
            },
            keys,
            origins: environment.allowed_origins()?,
            users: UserTable::new(client.clone(), environment.users_table()?),
            sessions: SessionTable::new(client.clone(), environment.refresh_tokens_table()?),
            feed: FeedTable::new(client, environment.authorizer_feed_table()?),
        })
    }
}

impl Handler for RefreshTokens {
    async fn handle(&self, request: Request, now: Millis) -> Result<Answer, Failure> {
        let PresentedToken { token, delivery, .. } = api::presented_token(&request, &self.origins)?;

        let refreshed = auth::refresh(
            &token,
            delivery,
            now,
            &mut config::random(),
            &self.verifier,
            &self.terms,
            &self.rule,
            &self.users,
            &self.sessions,
            &self.feed,
            &self.keys,
        )
        .await?;

        Ok(Answer::refreshed(&refreshed))
    }
}
