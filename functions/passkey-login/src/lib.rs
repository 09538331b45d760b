//! `POST /auth/passkey` logs in with a passkey alone, and `POST /auth/passkey/options` issues the challenge for it.

use api::{Answer, Failure, Handler, Request, require_passkeys};
use auth::{
    factor::passkey::{PasskeyLogin as Login, PasskeyProof, log_in_with_passkey, request_login},
    feed::BudgetedFeed,
    session::Issuing,
};
use claims::{Moment, TokenTerms};
use config::{ConfigError, Environment, Origins};
use runtime::AuditEvent;
use store::{Attempts, Aws, FactorChanges, FactorTable, FeedTable, FollowedKeyring, SessionTable, UserTable};
use webauthn::RelyingParty;

/// The `passkey-login` function, which is made once per process.
#[derive(Debug)]
pub struct PasskeyLogin {
    terms: TokenTerms,
    keys: FollowedKeyring,
    /// The relying party, or `None` if this service has no domain and so no passkeys.
    relying_party: Option<RelyingParty>,
    origins: Origins,
    attempts: Attempts,
    users: UserTable,
    factors: FactorChanges,
    max_sessions: usize,
    sessions: SessionTable,
    feed: BudgetedFeed<FeedTable, Attempts>,
}

impl PasskeyLogin {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or a key set is invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let terms = environment.token_terms()?;
        let (access, refresh) = (environment.access_keys()?, environment.refresh_keys()?);
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let (keys, ()) = tokio::join!(
            Box::pin(store::follow_keyring(access, refresh, terms.issuer.clone(), aws, now)),
            Box::pin(users.prepare()),
        );
        let sessions = SessionTable::new(client.clone(), environment.refresh_tokens_table()?);
        let factors = FactorTable::new(client.clone(), environment.factors_table()?);
        Ok(Self {
            relying_party: environment.relying_party()?,
            origins: environment.allowed_origins()?,
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            factors: FactorChanges::new(factors, users.clone(), sessions.clone(), None),
            users,
            max_sessions: environment.max_sessions()?,
            sessions,
            feed: BudgetedFeed::new(
                FeedTable::new(client.clone(), environment.authorizer_feed_table()?),
                Attempts::new(client, environment.attempts_table()?),
            ),
            keys: keys?,
            terms,
        })
    }
}

impl Handler for PasskeyLogin {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let asks = request.asks_for_options()?;
        let relying_party = require_passkeys(self.relying_party.as_ref())?;
        let keys = self.keys.current(now).await?;
        let challenges = keys.refresh.challenges(now.timestamp())?;
        if asks {
            let asked = request_login(now, &mut config::random(), &challenges);
            return Ok(Answer::request_options(&asked, relying_party));
        }
        let body = request.body()?;
        let response = request.required_authentication("credential")?;

        let login = Box::pin(log_in_with_passkey(
            Login {
                proof: PasskeyProof {
                    response: &response,
                    relying_party,
                },
                delivery: request.delivery(&body, &self.origins)?,
                client: request.client_details(body.optional_text("label")?),
            },
            now,
            &mut config::random(),
            &Issuing {
                terms: &self.terms,
                signer: &keys,
            },
            &challenges,
            &self.users,
            &self.factors,
            &self.attempts,
            self.max_sessions,
            &self.sessions,
            &self.feed,
        ))
        .await?;

        Ok(Answer::logged_in_with_passkey(&login))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        self.keys.take_faults().map(AuditEvent::from).collect()
    }
}
