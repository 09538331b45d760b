//! `POST /auth/password` replaces the current password with a new one.

use api::{Answer, Failure, Handler, Request};
use auth::{
    change_password::PasswordChange,
    feed::BudgetedFeed,
    keys::RefreshKeys,
    password::{self, Hasher, PasswordRule},
};
use claims::{Issuer, Moment, Unverified};
use config::{ConfigError, Environment, Origins};
use runtime::AuditEvent;
use store::{
    Accounts, Attempts, Aws, CredentialsTable, Epochs, FeedTable, FollowedSecret, MailTable, PasswordChanges,
    SessionTable, UserTable,
};

/// The `password` function, which is made once per process.
#[derive(Debug)]
pub struct Password {
    issuer: Issuer,
    keys: FollowedSecret<RefreshKeys>,
    origins: Origins,
    rule: PasswordRule,
    hasher: Hasher,
    attempts: Attempts,
    accounts: Accounts,
    sessions: SessionTable,
    changes: PasswordChanges,
    feed: BudgetedFeed<FeedTable, Attempts>,
}

impl Password {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or the key set is invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let (issuer, keys) = (environment.issuer()?, environment.refresh_keys()?);
        let of_issuer = issuer.clone();
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let credentials = CredentialsTable::new(client.clone(), environment.credentials_table()?);
        let sessions = SessionTable::new(client.clone(), environment.refresh_tokens_table()?);
        let epochs = Epochs::new(client.clone(), users.clone(), sessions.clone());
        let outbox = environment.optional_mail_table()?;
        let outbox = outbox.map(|name| MailTable::new(client.clone(), name));
        let attempts = Attempts::new(client.clone(), environment.attempts_table()?);
        let hasher = Hasher::new(environment.hash_cost()?);
        let keys = store::follow_key_set(keys, aws, now, move |set| RefreshKeys::new(set, &of_issuer));
        let (keys, (), ()) = tokio::join!(Box::pin(keys), Box::pin(users.prepare()), hasher.prepare());
        Ok(Self {
            origins: environment.allowed_origins()?,
            rule: environment.password_rule(blocklist::is_common)?,
            hasher,
            attempts: attempts.clone(),
            changes: PasswordChanges::new(credentials.clone(), epochs, attempts, outbox),
            feed: BudgetedFeed::new(
                FeedTable::new(client.clone(), environment.authorizer_feed_table()?),
                Attempts::new(client, environment.attempts_table()?),
            ),
            accounts: Accounts::new(users, credentials),
            sessions,
            keys: keys?,
            issuer,
        })
    }
}

impl Handler for Password {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let caller = request.caller()?;
        let body = request.body()?;
        let delivery = request.delivery(&body, &self.origins)?;
        let current = password::Password::parse(body.text("current_password")?)?;
        let new = password::Password::choose(body.text("new_password")?, &self.rule, caller.email.as_ref())?;
        let device_token = request.device_token(&body, delivery)?;
        let keys = self.keys.current(now).await?;

        let device = Box::pin(auth::change_password::change_password(
            PasswordChange {
                user_id: &caller.user_id,
                sid: &caller.sid,
                current: &current,
                new: &new,
                device_token: device_token.as_deref().and_then(|token| Unverified::parse(token).ok()),
            },
            now,
            &mut config::random(),
            &self.hasher,
            &self.accounts,
            &self.attempts,
            &self.sessions,
            &self.changes,
            &self.feed,
            &self.issuer,
            keys.devices(),
            &*keys,
        ))
        .await?;

        Ok(Answer::password_changed(
            &caller.user_id,
            &caller.sid,
            &device,
            delivery,
        ))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        self.keys.take_fault().map(AuditEvent::from).into_iter().collect()
    }
}
