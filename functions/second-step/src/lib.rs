//! `POST /auth/login/second` is the second step of a login: it takes a code or a passkey and opens the session.
//! `POST /auth/login/second/options` issues the challenge for a passkey.

use api::{Answer, Failure, Handler, Request, require_passkeys};
use auth::{
    factor::{
        FactorKeys, SecondStep as Step, SecondStepError,
        passkey::{PasskeyProof, request_second_step},
    },
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
use webauthn::RelyingParty;

/// The `second-step` function, which is made once per process.
#[derive(Debug)]
pub struct SecondStep {
    terms: TokenTerms,
    keys: FollowedKeyring,
    factor_keys: FollowedSecret<FactorKeys>,
    /// The relying party of passkeys, or `None` if this service has no domain and so no passkeys.
    relying_party: Option<RelyingParty>,
    origins: Origins,
    attempts: Attempts,
    users: UserTable,
    factors: FactorChanges,
    /// Whether devices may be remembered.
    remembers: bool,
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
            relying_party: environment.relying_party()?,
            origins: environment.allowed_origins()?,
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            factors: FactorChanges::new(factors, users.clone(), sessions.clone(), outbox),
            users,
            remembers: environment.remembered_for()?.get() > 0,
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
        let response = request.authentication("passkey")?;
        let passkey = response.as_ref().map(|response| {
            let relying_party = require_passkeys(self.relying_party.as_ref())?;
            Ok::<_, Failure>(PasskeyProof {
                response,
                relying_party,
            })
        });
        let proof = body.second_proof_or_passkey(passkey.transpose()?);
        let token = body.text("mfa_token")?;
        let keys = self.keys.current(now).await?;
        let verify = |token| keys.refresh.second_steps().verify(&token, now.timestamp());
        let claims = Unverified::parse(token).and_then(verify);
        let claims = claims.map_err(|_| SecondStepError::invalid_token())?;
        let factor_keys = self.factor_keys.current(now).await?;
        if request.asks_for_options()? {
            let mut rng = config::random();
            let asked = request_second_step(&claims, now, &mut rng, &factor_keys, &self.factors).await?;
            return Ok(Answer::request_options(
                &asked,
                require_passkeys(self.relying_party.as_ref())?,
            ));
        }
        request.admit(claims.own().delivery, &self.origins)?;

        let done = Box::pin(auth::factor::second_step(
            Step {
                claims: &claims,
                proof: proof?,
                remembers: self.remembers && body.flag("remember")?,
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
