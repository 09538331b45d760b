//! `POST /auth/register/confirm` finishes a registration: it exchanges a link or a code from a mail, and a password, for
//! an account and its first tokens.

use api::{Answer, Failure, Handler, Request};
use auth::{
    attempts::PseudonymReader,
    feed::BudgetedFeed,
    keys::LinkKeys,
    mail::{MailKeys, Proofs},
    password::{Hasher, PasswordRule},
    register::{NewUserClaims, Registration},
    session::Issuing,
};
use claims::{Moment, TokenTerms};
use config::{ConfigError, Environment, Origins};
use runtime::AuditEvent;
use store::{
    Accounts, Attempts, Aws, CredentialsTable, FeedTable, FollowedKeyring, FollowedSecret, KeySource, SessionTable,
    UserTable,
};

/// The `register` function, which is made once per process.
#[derive(Debug)]
pub struct Register {
    terms: TokenTerms,
    keys: FollowedKeyring,
    link_keys: FollowedSecret<LinkKeys>,
    mail_keys: FollowedSecret<MailKeys>,
    pseudonyms: PseudonymReader<KeySource>,
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
        let issuer = terms.issuer.clone();
        let of_links = move |set| LinkKeys::new(set, &issuer);
        let (keys, link_keys, mail_keys, pseudonyms, (), ()) = tokio::join!(
            Box::pin(store::follow_keyring(
                access,
                refresh.clone(),
                terms.issuer.clone(),
                aws,
                now
            )),
            Box::pin(store::follow_key_set(refresh, aws, now, of_links)),
            Box::pin(store::follow_mail_keys(environment.mail_keys()?, aws, now)),
            Box::pin(store::read_pseudonym_key(environment.pseudonym_key()?, aws)),
            Box::pin(users.prepare()),
            hasher.prepare(),
        );
        Ok(Self {
            origins: environment.allowed_origins()?,
            claims: environment.new_user_claims()?,
            rule: PasswordRule {
                min_length: environment.password_min_length()?,
                is_common: blocklist::is_common,
                service_names: vec![environment.telemetry()?.service, terms.issuer.host().to_owned()],
            },
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
            link_keys: link_keys?,
            mail_keys: mail_keys?,
            pseudonyms: pseudonyms?,
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
        let (link_keys, mail_keys) = (self.link_keys.current(now).await?, self.mail_keys.current(now).await?);

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
            Proofs {
                mail_keys: &mail_keys,
                link_keys: &link_keys,
                pseudonyms: self.pseudonyms.key().await?,
                has_codes: self.has_codes,
            },
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
        let of_mail = [self.link_keys.take_fault(), self.mail_keys.take_fault()];
        let faults = self.keys.take_faults().chain(of_mail.into_iter().flatten());
        faults.map(AuditEvent::from).collect()
    }
}
