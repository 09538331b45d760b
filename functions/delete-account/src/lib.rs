//! `POST /auth/account/delete` deletes the account of its user.

use api::{Answer, Failure, Handler, Request};
use auth::{
    deletion::AccountDeletion,
    password::{Hasher, Password},
};
use claims::{Moment, Span};
use config::{ConfigError, Environment};
use store::{Accounts, Attempts, Aws, CredentialsTable, Deletions, FeedTable, MailTable, SessionTable, UserTable};

/// The `delete-account` function, which is made once per process.
#[derive(Debug)]
pub struct DeleteAccount {
    after: Span,
    hasher: Hasher,
    attempts: Attempts,
    accounts: Accounts,
    deletions: Deletions,
    sessions: SessionTable,
    feed: FeedTable,
}

impl DeleteAccount {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid.
    pub async fn new(environment: &Environment, aws: &Aws) -> Result<Self, ConfigError> {
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let hasher = Hasher::new(environment.hash_cost()?);
        tokio::join!(Box::pin(users.prepare()), hasher.prepare());
        let credentials = CredentialsTable::new(client.clone(), environment.credentials_table()?);
        let accounts = Accounts::new(users, credentials);
        let outbox = environment.optional_mail_table()?;
        let outbox = outbox.map(|name| MailTable::new(client.clone(), name));
        let deletions = environment.deletions_table()?;
        Ok(Self {
            after: environment.deletion_after()?,
            hasher,
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            deletions: Deletions::new(client.clone(), deletions, accounts.clone(), outbox),
            accounts,
            sessions: SessionTable::new(client.clone(), environment.refresh_tokens_table()?),
            feed: FeedTable::new(client, environment.authorizer_feed_table()?),
        })
    }
}

impl Handler for DeleteAccount {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let caller = request.caller()?;
        let body = request.body()?;
        let password = Password::parse(body.text("password")?)?;
        let deletion = Box::pin(auth::deletion::delete_account(
            AccountDeletion {
                user_id: &caller.user_id,
                sid: &caller.sid,
                password: &password,
                after: self.after,
            },
            now,
            &mut config::random(),
            &self.hasher,
            &self.accounts,
            &self.attempts,
            &self.sessions,
            &self.deletions,
            &self.feed,
        ))
        .await?;
        Ok(Answer::account_deleted(&deletion))
    }
}
