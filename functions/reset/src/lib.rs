//! `POST /auth/reset` sets a new password with a link or a code from a mail, and ends all sessions of the user.

use api::{Answer, Failure, Handler, Request};
use auth::{
    attempts::PseudonymReader,
    keys::LinkKeys,
    mail::{MailKeys, Proofs},
    password::{Hasher, PasswordRule},
    reset_password::PasswordReset,
};
use claims::Moment;
use config::{ConfigError, Environment};
use runtime::AuditEvent;
use store::{
    Accounts, Attempts, Aws, CredentialsTable, FeedTable, FollowedSecret, KeySource, MailTable, PasswordResets,
    UserTable,
};

/// The `reset` function, which is made once per process.
#[derive(Debug)]
pub struct Reset {
    link_keys: FollowedSecret<LinkKeys>,
    mail_keys: FollowedSecret<MailKeys>,
    pseudonyms: PseudonymReader<KeySource>,
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
        let issuer = environment.issuer()?;
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let hasher = Hasher::new(environment.hash_cost()?);
        let of_links = {
            let issuer = issuer.clone();
            move |set| LinkKeys::new(set, &issuer)
        };
        let (link_keys, mail_keys, pseudonyms, (), ()) = tokio::join!(
            Box::pin(store::follow_key_set(environment.refresh_keys()?, aws, now, of_links)),
            Box::pin(store::follow_mail_keys(environment.mail_keys()?, aws, now)),
            Box::pin(store::read_pseudonym_key(environment.pseudonym_key()?, aws)),
            Box::pin(users.prepare()),
            hasher.prepare(),
        );
        let credentials = CredentialsTable::new(client.clone(), environment.credentials_table()?);
        let accounts = Accounts::new(users, credentials);
        let outbox = MailTable::new(client.clone(), environment.mail_table()?);
        Ok(Self {
            link_keys: link_keys?,
            mail_keys: mail_keys?,
            pseudonyms: pseudonyms?,
            has_codes: environment.has_mail_codes()?,
            rule: PasswordRule {
                min_length: environment.password_min_length()?,
                is_common: blocklist::is_common,
                service_names: vec![environment.telemetry()?.service, issuer.host().to_owned()],
            },
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
        let (link_keys, mail_keys) = (self.link_keys.current(now).await?, self.mail_keys.current(now).await?);

        let user_id = Box::pin(auth::reset_password::reset_password(
            PasswordReset {
                proof,
                new_password,
                rule: &self.rule,
            },
            now,
            &mut config::random(),
            Proofs {
                mail_keys: &mail_keys,
                link_keys: &link_keys,
                pseudonyms: self.pseudonyms.key().await?,
                has_codes: self.has_codes,
            },
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
        let faults = [self.link_keys.take_fault(), self.mail_keys.take_fault()];
        faults.into_iter().flatten().map(AuditEvent::from).collect()
    }
}
