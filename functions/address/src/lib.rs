//! `POST /auth/address` asks for another address, and `POST /auth/address/confirm` takes the links from the letters that
//! follow.

use api::{Answer, Caller, Failure, Fields, Handler, Request};
use auth::{
    change_address::AddressChange,
    confirm_address::AddressConfirmation,
    mail::{self, Proofs},
    password::{Hasher, Password},
    user::Email,
};
use claims::Moment;
use config::{ConfigError, Environment};
use runtime::AuditEvent;
use store::{
    Accounts, AddressMoves, Attempts, Aws, CredentialsTable, FeedTable, FollowedProofKeys, MailTable, SessionTable,
    UserTable,
};

/// The `address` function, which is made once per process.
#[derive(Debug)]
pub struct Address {
    proof_keys: FollowedProofKeys,
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
        let proof_keys = self.proof_keys.current(now).await?;
        // A change of address has links alone.
        let proofs = proof_keys.proofs(false);
        match caller {
            Some(caller) => self.request(caller, body, proofs, now).await,
            None => self.confirm(body, proofs, now).await,
        }
    }

    fn notices(&self) -> Vec<AuditEvent> {
        self.proof_keys.take_faults().map(AuditEvent::from).collect()
    }
}
