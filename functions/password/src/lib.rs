//! `POST /auth/password`: the current password for a new one.

use api::{Answer, Failure, Handler, Request};
use auth::{HashCost, Hasher, Password, PasswordChange, PasswordRule};
use claims::Millis;
use config::{ConfigError, Environment};
use store::{Accounts, Attempts, Aws, CredentialsTable, Epochs, FeedTable, PasswordChanges, SessionTable, UserTable};

/// What the function works with; made once per process.
#[derive(Debug)]
pub struct OwnPassword {
    rule: PasswordRule,
    hasher: Hasher,
    attempts: Attempts,
    accounts: Accounts,
    sessions: SessionTable,
    changes: PasswordChanges,
    feed: FeedTable,
}

impl OwnPassword {
    /// The function that this environment describes.
    ///
    /// # Errors
    /// When a variable is missing or wrong.
    pub fn new(environment: &Environment, aws: &Aws) -> Result<Self, ConfigError> {
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let credentials = CredentialsTable::new(client.clone(), environment.credentials_table()?);
        let sessions = SessionTable::new(client.clone(), environment.refresh_tokens_table()?);
        let epochs = Epochs::new(client.clone(), users.clone(), sessions.clone());
        Ok(Self {
            rule: PasswordRule {
                least_characters: environment.password_least_characters()?,
                is_common: blocklist::is_common,
            },
            hasher: Hasher::new(HashCost::new(
                environment.password_memory_kib()?,
                environment.password_passes()?,
            )),
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            changes: PasswordChanges::new(credentials.clone(), epochs),
            feed: FeedTable::new(client, environment.authorizer_feed_table()?),
            accounts: Accounts::new(users, credentials),
            sessions,
        })
    }
}

impl Handler for OwnPassword {
    async fn handle(&self, request: Request, now: Millis) -> Result<Answer, Failure> {
        let caller = api::caller(&request)?;
        let body = api::body(&request)?;
        let current = Password::parse(body.text("current_password")?)?;
        let new = Password::choose(body.text("new_password")?, &self.rule)?;

        auth::change_password(
            PasswordChange {
                user_id: &caller.user_id,
                sid: &caller.sid,
                current: &current,
                new: &new,
            },
            now,
            &mut config::random(),
            &self.hasher,
            &self.accounts,
            &self.attempts,
            &self.sessions,
            &self.changes,
            &self.feed,
        )
        .await?;

        Ok(Answer::password_changed(&caller.user_id, &caller.sid))
    }
}
