//! `POST /auth/reset` sets a new password with a link or a code from a mail, and ends all sessions of the user.

use api::{Answer, Failure, Handler, Request};
use auth::{
    password::{Hasher, PasswordRule},
    reset_password::PasswordReset,
};
use claims::Moment;
use config::{ConfigError, Environment};
use runtime::AuditEvent;
use store::{
    Accounts, Attempts, Aws, CredentialsTable, FeedTable, FollowedProofKeys, MailTable, PasswordResets, UserTable,
};

/// The `reset` function, which is made once per process.
#[derive(Debug)]
pub struct Reset {
    proof_keys: FollowedProofKeys,
    has_codes: bool,
    rule: PasswordRule,
    hasher: Hasher,
    attempts: Attempts,
    accounts: Accounts,
    resets: PasswordResets,
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
        let (proof_keys, (), ()) = tokio::join!(
            Box::pin(store::follow_proof_keys(
                environment.mail_keys()?,
                environment.refresh_keys()?,
                environment.pseudonym_key()?,
                environment.issuer()?,
                aws,
                now,
            )),
            Box::pin(users.prepare()),
            hasher.prepare(),
        );
        let credentials = CredentialsTable::new(client.clone(), environment.credentials_table()?);
        let accounts = Accounts::new(users, credentials);
        let outbox = MailTable::new(client.clone(), environment.mail_table()?);
        Ok(Self {
            proof_keys: proof_keys?,
            has_codes: environment.has_mail_codes()?,
            rule: environment.password_rule(blocklist::is_common)?,
            hasher,
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            resets: PasswordResets::new(accounts.clone(), outbox),
            accounts,
            feed: FeedTable::new(client, environment.authorizer_feed_table()?),
        })
    }
}

impl Handler for Reset {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let body = request.body()?;
        let (proof, new_password) = (body.proof()?, body.text("new_password")?);
        let proof_keys = self.proof_keys.current(now).await?;

        let user_id = Box::pin(auth::reset_password::reset_password(
            PasswordReset {
                proof,
                new_password,
                rule: &self.rule,
            },
            now,
            &mut config::random(),
            proof_keys.proofs(self.has_codes),
            &self.hasher,
            &self.accounts,
            &self.resets,
            &self.attempts,
            &self.feed,
        ))
        .await?;

        Ok(Answer::password_reset(&user_id))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        self.proof_keys.take_faults().map(AuditEvent::from).collect()
    }
}
