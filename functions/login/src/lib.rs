//! `POST /auth/login` exchanges an email address and a password for tokens.

use api::{Answer, Failure, Handler, Request};
use auth::{
    attempts::{ClosedSources, PseudonymReader, Throttling},
    feed::BudgetedFeed,
    following::Followed,
    keys::EdgeKeys,
    login::LoginRequest,
    password::{Hasher, Password},
    session::{Devices, Issuing},
    user::Email,
};
use claims::{Moment, Span, TokenTerms, Unverified};
use config::{ConfigError, Environment, Origins};
use runtime::AuditEvent;
use store::{
    Accounts, Attempts, Aws, CredentialsTable, FeedTable, FollowedKeyring, FollowedSecret, KeySource, SessionTable,
    UserTable,
};

/// The `login` function, which is made once per process.
#[derive(Debug)]
pub struct Login {
    /// The keys of the proxy in front of this service, if there is one.
    edge: Option<FollowedSecret<EdgeKeys>>,
    terms: TokenTerms,
    keys: FollowedKeyring,
    origins: Origins,
    hasher: Hasher,
    pseudonyms: PseudonymReader<KeySource>,
    source_limit: Option<u64>,
    closed: ClosedSources,
    attempts: Attempts,
    accounts: Accounts,
    /// How long a login from a remembered device needs no second factor.
    remembered_for: Span,
    max_sessions: usize,
    sessions: SessionTable,
    feed: BudgetedFeed<FeedTable, Attempts>,
}

impl Login {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or a key set, the pseudonym key or the proxy's keys are invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let terms = environment.token_terms()?;
        let (access, refresh) = (environment.access_keys()?, environment.refresh_keys()?);
        let pseudonym_key = environment.pseudonym_key()?;
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let hasher = Hasher::new(environment.hash_cost()?);
        let (keys, pseudonyms, (), ()) = tokio::join!(
            Box::pin(store::follow_keyring(access, refresh, terms.issuer.clone(), aws, now)),
            Box::pin(store::read_pseudonym_key(pseudonym_key, aws)),
            Box::pin(users.prepare()),
            hasher.prepare(),
        );
        let edge = match environment.edge_keys()? {
            Some(location) => Some(store::follow_edge_keys(location, aws, now).await?),
            None => None,
        };
        Ok(Self {
            edge,
            origins: environment.allowed_origins()?,
            hasher,
            source_limit: environment.source_failure_limit()?,
            closed: ClosedSources::default(),
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            accounts: Accounts::new(
                users,
                CredentialsTable::new(client.clone(), environment.credentials_table()?),
            ),
            remembered_for: environment.remembered_for()?,
            max_sessions: environment.max_sessions()?,
            sessions: SessionTable::new(client.clone(), environment.refresh_tokens_table()?),
            feed: BudgetedFeed::new(
                FeedTable::new(client.clone(), environment.authorizer_feed_table()?),
                Attempts::new(client, environment.attempts_table()?),
            ),
            keys: keys?,
            pseudonyms: pseudonyms?,
            terms,
        })
    }
}

impl Handler for Login {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        // The proxy's key is checked first, so that a request that bypasses the proxy costs nothing.
        let request = match &self.edge {
            Some(edge) => request.require_edge(&*edge.current(now).await?)?,
            None => request,
        };
        let body = request.body()?;
        let delivery = request.delivery(&body, &self.origins)?;
        let client = request.client_details(body.optional_text("label")?);
        let email = Email::parse(body.text("email")?)?;
        let password = Password::parse(body.text("password")?)?;
        let device_token = request.device_token(&body, delivery)?;
        let keys = self.keys.current(now).await?;
        let throttling = Throttling {
            pseudonyms: self.pseudonyms.key().await?,
            source_limit: self.source_limit,
            closed: &self.closed,
        };

        let login = Box::pin(auth::login::login(
            LoginRequest {
                email: &email,
                password: &password,
                device_token: device_token.as_deref().and_then(|token| Unverified::parse(token).ok()),
                delivery,
                client,
            },
            now,
            &mut config::random(),
            &Issuing {
                terms: &self.terms,
                signer: &keys,
            },
            Devices {
                verifier: keys.refresh.devices(),
                remembered_for: self.remembered_for,
            },
            &self.hasher,
            throttling,
            &self.accounts,
            &self.attempts,
            self.max_sessions,
            &self.sessions,
            &self.feed,
        ))
        .await?;

        Ok(Answer::logged_in(&login))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        let of_edge = self.edge.as_ref().and_then(Followed::take_fault);
        self.keys.take_faults().chain(of_edge).map(AuditEvent::from).collect()
    }
}
