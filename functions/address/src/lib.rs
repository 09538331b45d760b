//! `POST /auth/address` asks for another address, and `POST /auth/address/confirm` takes the links from the letters that
//! follow.

use api::{Answer, Caller, Failure, Fields, Handler, Request};
use auth::{
    attempts::PseudonymReader,
    change_address::AddressChange,
    confirm_address::AddressConfirmation,
    keys::LinkKeys,
    mail::{self, MailKeys, Proofs},
    password::{Hasher, Password},
    user::Email,
};
use claims::Moment;
use config::{ConfigError, Environment};
use runtime::AuditEvent;
use store::{
    Accounts, AddressMoves, Attempts, Aws, CredentialsTable, FeedTable, FollowedSecret, KeySource, MailTable,
    SessionTable, UserTable,
};

/// The `address` function, which is made once per process.
#[derive(Debug)]
pub struct Address {
    link_keys: FollowedSecret<LinkKeys>,
    mail_keys: FollowedSecret<MailKeys>,
    pseudonyms: PseudonymReader<KeySource>,
    hasher: Hasher,
    attempts: Attempts,
    accounts: Accounts,
    moves: AddressMoves,
    sessions: SessionTable,
    outbox: MailTable,
    feed: FeedTable,
}

impl Address {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or the key set, the mail keys or the pseudonym key are invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let issuer = environment.issuer()?;
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let hasher = Hasher::new(environment.hash_cost()?);
        let of_links = move |set| LinkKeys::new(set, &issuer);
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
            hasher,
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            moves: AddressMoves::new(accounts.clone(), outbox.clone()),
            accounts,
            sessions: SessionTable::new(client.clone(), environment.refresh_tokens_table()?),
            outbox,
            feed: FeedTable::new(client, environment.authorizer_feed_table()?),
        })
    }

    async fn request(&self, caller: Caller, body: Fields, proofs: Proofs<'_>, now: Moment) -> Result<Answer, Failure> {
        let password = Password::parse(body.text("password")?)?;
        let email = Email::parse(body.text("email")?)?;
        if mail::recipient(email.typed()).is_none() {
            return Err(Failure::invalid_request("no mail can be sent to this address"));
        }
        let user_id = Box::pin(auth::change_address::request_address_change(
            AddressChange {
                user_id: &caller.user_id,
                sid: &caller.sid,
                email,
                password: &password,
                language: body.language()?,
            },
            now,
            &mut config::random(),
            proofs,
            &self.hasher,
            &self.accounts,
            &self.attempts,
            &self.sessions,
            &self.outbox,
        ))
        .await?;
        Ok(Answer::address_change_requested(&user_id))
    }

    async fn confirm(&self, body: Fields, proofs: Proofs<'_>, now: Moment) -> Result<Answer, Failure> {
        let password = Password::parse(body.text("password")?)?;
        let confirmed = Box::pin(auth::confirm_address::confirm_address(
            AddressConfirmation {
                token: body.text("token")?,
                password: &password,
            },
            now,
            &mut config::random(),
            proofs,
            &self.hasher,
            &self.accounts,
            &self.moves,
            &self.attempts,
            &self.outbox,
            &self.feed,
        ))
        .await?;
        Ok(Answer::address_confirmed(&confirmed))
    }
}

impl Handler for Address {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let caller = match request.path() {
            "/auth/address" => Some(request.caller()?),
            "/auth/address/confirm" => None,
            _ => return Err(Failure::not_found()),
        };
        let body = request.body()?;
        let (link_keys, mail_keys) = (self.link_keys.current(now).await?, self.mail_keys.current(now).await?);
        let proofs = Proofs {
            mail_keys: &mail_keys,
            link_keys: &link_keys,
            pseudonyms: self.pseudonyms.key().await?,
            // A change of address has links alone.
            has_codes: false,
        };
        match caller {
            Some(caller) => self.request(caller, body, proofs, now).await,
            None => self.confirm(body, proofs, now).await,
        }
    }

    fn notices(&self) -> Vec<AuditEvent> {
        let faults = [self.link_keys.take_fault(), self.mail_keys.take_fault()];
        faults.into_iter().flatten().map(AuditEvent::from).collect()
    }
}
