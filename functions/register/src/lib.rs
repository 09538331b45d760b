//! `POST /auth/register/confirm` finishes a registration: it exchanges a link or a code from a mail, and a password, for
//! an account and its first tokens.

use api::{Answer, Failure, Handler, Request};
use auth::{
    feed::BudgetedFeed,
    password::{Hasher, PasswordRule},
    register::{NewUserClaims, Registration},
    session::Issuing,
};
use claims::{Moment, TokenTerms};
use config::{ConfigError, Environment, Origins};
use runtime::AuditEvent;
use store::{
    Accounts, Attempts, Aws, CredentialsTable, FeedTable, FollowedKeyring, FollowedProofKeys, SessionTable, UserTable,
};

/// The `register` function, which is made once per process.
#[derive(Debug)]
pub struct Register {
    terms: TokenTerms,
    keys: FollowedKeyring,
    proof_keys: FollowedProofKeys,
    has_codes: bool,
    origins: Origins,
    claims: NewUserClaims,
    rule: PasswordRule,
    hasher: Hasher,
    attempts: Attempts,
    accounts: Accounts,
    sessions: SessionTable,
    feed: BudgetedFeed<FeedTable, Attempts>,
}

impl Register {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or a key set, the mail keys or the pseudonym key are invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let terms = environment.token_terms()?;
        let (access, refresh) = (environment.access_keys()?, environment.refresh_keys()?);
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let hasher = Hasher::new(environment.hash_cost()?);
        let (keys, proof_keys, (), ()) = tokio::join!(
            Box::pin(store::follow_keyring(
                access,
                refresh.clone(),
                terms.issuer.clone(),
                aws,
                now
            )),
            Box::pin(store::follow_proof_keys(
                environment.mail_keys()?,
                refresh,
                environment.pseudonym_key()?,
                terms.issuer.clone(),
                aws,
                now,
            )),
            Box::pin(users.prepare()),
            hasher.prepare(),
        );
        Ok(Self {
            origins: environment.allowed_origins()?,
            claims: environment.new_user_claims()?,
            rule: environment.password_rule(blocklist::is_common)?,
            hasher,
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            accounts: Accounts::new(
                users,
                CredentialsTable::new(client.clone(), environment.credentials_table()?),
            ),
            sessions: SessionTable::new(client.clone(), environment.refresh_tokens_table()?),
            feed: BudgetedFeed::new(
                FeedTable::new(client.clone(), environment.authorizer_feed_table()?),
                Attempts::new(client, environment.attempts_table()?),
            ),
            keys: keys?,
            proof_keys: proof_keys?,
            has_codes: environment.has_mail_codes()?,
            terms,
        })
    }
}

impl Handler for Register {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let body = request.body()?;
        let delivery = request.delivery(&body, &self.origins)?;
        let client = request.client_details(body.optional_text("label")?);
        let (proof, password) = (body.proof()?, body.text("password")?);
        let keys = self.keys.current(now).await?;
        let proof_keys = self.proof_keys.current(now).await?;

        let registered = Box::pin(auth::register::register(
            Registration {
                proof,
                password,
                rule: &self.rule,
                delivery,
                client,
            },
            &self.claims,
            now,
            &mut config::random(),
            &Issuing {
                terms: &self.terms,
                signer: &keys,
            },
            proof_keys.proofs(self.has_codes),
            &self.hasher,
            &self.accounts,
            &self.attempts,
            &self.sessions,
            &self.feed,
        ))
        .await?;

        Ok(Answer::registered(&registered))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        let faults = self.keys.take_faults().chain(self.proof_keys.take_faults());
        faults.map(AuditEvent::from).collect()
    }
}
