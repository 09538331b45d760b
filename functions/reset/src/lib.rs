//! `POST /auth/reset` sets a new password with a link or a code from a mail, and ends all sessions of the user.

use api::{Answer, Failure, Handler, Request};
use auth::{
    factor::FactorKeys,
    password::{Hasher, PasswordRule},
    reset_password::PasswordReset,
};
use claims::Moment;
use config::{ConfigError, Environment};
use runtime::AuditEvent;
use store::{
    Accounts, Attempts, Aws, CredentialsTable, FactorTable, FeedTable, FollowedProofKeys, FollowedSecret, MailTable,
    PasswordResets, UserTable,
};

/// The `reset` function, which is made once per process.
#[derive(Debug)]
pub struct Reset {
    proof_keys: FollowedProofKeys,
    factor_keys: FollowedSecret<FactorKeys>,
    has_codes: bool,
    rule: PasswordRule,
    hasher: Hasher,
    attempts: Attempts,
    accounts: Accounts,
    resets: PasswordResets,
    factors: FactorTable,
    outbox: MailTable,
    feed: FeedTable,
}

impl Reset {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or the key set, the mail keys or the pseudonym key are invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let hasher = Hasher::new(environment.hash_cost()?);
        let (proof_keys, factor_keys, (), ()) = tokio::join!(
            Box::pin(store::follow_proof_keys(
                environment.mail_keys()?,
                environment.refresh_keys()?,
                environment.pseudonym_key()?,
                environment.issuer()?,
                aws,
                now,
            )),
            Box::pin(store::follow_factor_keys(environment.factor_keys()?, aws, now)),
            Box::pin(users.prepare()),
            hasher.prepare(),
        );
        let credentials = CredentialsTable::new(client.clone(), environment.credentials_table()?);
        let accounts = Accounts::new(users, credentials);
        let factors = FactorTable::new(client.clone(), environment.factors_table()?);
        let outbox = MailTable::new(client.clone(), environment.mail_table()?);
        Ok(Self {
            proof_keys: proof_keys?,
            factor_keys: factor_keys?,
            has_codes: environment.has_mail_codes()?,
            rule: environment.password_rule(blocklist::is_common)?,
            hasher,
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            resets: PasswordResets::new(accounts.clone(), factors.clone(), outbox.clone()),
            factors,
            outbox,
            accounts,
            feed: FeedTable::new(client, environment.authorizer_feed_table()?),
        })
    }
}

impl Handler for Reset {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let body = request.body()?;
        let (proof, new_password) = (body.proof()?, body.text("new_password")?);
        let second = body.second_proof("second_code")?;
        let proof_keys = self.proof_keys.current(now).await?;
        let factor_keys = self.factor_keys.current(now).await?;

        let done = Box::pin(auth::reset_password::reset_password(
            PasswordReset {
                proof,
                new_password,
                rule: &self.rule,
                second,
            },
            now,
            &mut config::random(),
            proof_keys.proofs(self.has_codes),
            &self.hasher,
            &factor_keys,
            &self.accounts,
            &self.resets,
            &self.factors,
            &self.attempts,
            &self.outbox,
            &self.feed,
        ))
        .await?;

        Ok(Answer::password_reset(&done))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        let of_factors = self.factor_keys.take_fault();
        let faults = self.proof_keys.take_faults().chain(of_factors);
        faults.map(AuditEvent::from).collect()
    }
}
