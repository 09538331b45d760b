//! `POST /auth/refresh` exchanges a refresh token for the next tokens.

use api::{Answer, Failure, Handler, PresentedToken, Request};
use auth::{
    feed::BudgetedFeed,
    session::{Caution, Issuing, RefreshRule},
};
use claims::{Moment, TokenTerms, Unverified};
use config::{ConfigError, Environment, Origins};
use runtime::AuditEvent;
use store::{Attempts, Aws, FeedTable, FollowedKeyring, SessionTable, UserTable};

/// The `refresh` function, which is made once per process.
#[derive(Debug)]
pub struct Refresh {
    terms: TokenTerms,
    rule: RefreshRule,
    caution: Caution,
    keys: FollowedKeyring,
    origins: Origins,
    users: UserTable,
    sessions: SessionTable,
    feed: BudgetedFeed<FeedTable, Attempts>,
}

impl Refresh {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or a key set is invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let terms = environment.token_terms()?;
        let (access, refresh) = (environment.access_keys()?, environment.refresh_keys()?);
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let keys = store::follow_keyring(access, refresh, terms.issuer.clone(), aws, now);
        let (keys, ()) = tokio::join!(Box::pin(keys), Box::pin(users.prepare()));
        Ok(Self {
            rule: environment.refresh_rule()?,
            caution: Caution::default(),
            origins: environment.allowed_origins()?,
            users,
            sessions: SessionTable::new(client.clone(), environment.refresh_tokens_table()?),
            feed: BudgetedFeed::new(
                FeedTable::new(client.clone(), environment.authorizer_feed_table()?),
                Attempts::new(client, environment.attempts_table()?),
            ),
            keys: keys?,
            terms,
        })
    }
}

impl Handler for Refresh {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let PresentedToken { token, delivery, .. } = request.presented_token(&self.origins)?;
        let (keys, claims) = self.keys.verify(&Unverified::parse(&token)?, now).await?;

        let refreshed = auth::session::refresh(
            &claims,
            delivery,
            now,
            &mut config::random(),
            &Issuing {
                terms: &self.terms,
                signer: &keys,
            },
            &self.rule,
            &self.caution,
            &self.users,
            &self.sessions,
            &self.feed,
        )
        .await?;

        Ok(Answer::refreshed(&refreshed))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        self.keys.take_faults().map(AuditEvent::from).collect()
    }
}
