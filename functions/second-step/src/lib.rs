//! `POST /auth/login/second` is the second step of a login: it takes a code and opens the session.

use api::{Answer, Failure, Handler, Request};
use auth::{
    factor::{FactorKeys, SecondStep as Step, SecondStepError},
    feed::BudgetedFeed,
    session::Issuing,
};
use claims::{Moment, TokenTerms, Unverified};
use config::{ConfigError, Environment, Origins};
use runtime::AuditEvent;
use store::{
    Attempts, Aws, FactorChanges, FactorTable, FeedTable, FollowedKeyring, FollowedSecret, MailTable, SessionTable,
    UserTable,
};

/// The `second-step` function, which is made once per process.
#[derive(Debug)]
pub struct SecondStep {
    terms: TokenTerms,
    keys: FollowedKeyring,
    factor_keys: FollowedSecret<FactorKeys>,
    origins: Origins,
    attempts: Attempts,
    users: UserTable,
    factors: FactorChanges,
    max_sessions: usize,
    sessions: SessionTable,
    feed: BudgetedFeed<FeedTable, Attempts>,
}

impl SecondStep {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or a key set or the factor keys are invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let terms = environment.token_terms()?;
        let (access, refresh) = (environment.access_keys()?, environment.refresh_keys()?);
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let (keys, factor_keys, ()) = tokio::join!(
            Box::pin(store::follow_keyring(access, refresh, terms.issuer.clone(), aws, now)),
            Box::pin(store::follow_factor_keys(environment.factor_keys()?, aws, now)),
            Box::pin(users.prepare()),
        );
        let sessions = SessionTable::new(client.clone(), environment.refresh_tokens_table()?);
        let factors = FactorTable::new(client.clone(), environment.factors_table()?);
        let outbox = environment.optional_mail_table()?;
        let outbox = outbox.map(|name| MailTable::new(client.clone(), name));
        Ok(Self {
            origins: environment.allowed_origins()?,
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            factors: FactorChanges::new(factors, users.clone(), sessions.clone(), outbox),
            users,
            max_sessions: environment.max_sessions()?,
            sessions,
            feed: BudgetedFeed::new(
                FeedTable::new(client.clone(), environment.authorizer_feed_table()?),
                Attempts::new(client, environment.attempts_table()?),
            ),
            keys: keys?,
            factor_keys: factor_keys?,
            terms,
        })
    }
}

impl Handler for SecondStep {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let body = request.body()?;
        let (token, proof) = (body.text("mfa_token")?, body.required_second_proof()?);
        let keys = self.keys.current(now).await?;
        let verify = |token| keys.refresh.second_steps().verify(&token, now.timestamp());
        let claims = Unverified::parse(token).and_then(verify);
        let claims = claims.map_err(|_| SecondStepError::invalid_token())?;
        request.admit(claims.own().delivery, &self.origins)?;
        let factor_keys = self.factor_keys.current(now).await?;

        let done = Box::pin(auth::factor::second_step(
            Step {
                claims: &claims,
                proof,
                client: request.client_details(None),
            },
            now,
            &mut config::random(),
            &Issuing {
                terms: &self.terms,
                signer: &keys,
            },
            &factor_keys,
            &self.users,
            &self.factors,
            &self.attempts,
            &self.factors,
            self.max_sessions,
            &self.sessions,
            &self.feed,
        ))
        .await?;

        Ok(Answer::second_step_done(&done))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        let of_factors = self.factor_keys.take_fault();
        self.keys
            .take_faults()
            .chain(of_factors)
            .map(AuditEvent::from)
            .collect()
    }
}
