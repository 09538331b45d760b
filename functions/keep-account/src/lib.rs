//! `POST /auth/account/keep` takes the link that keeps a deleted account.

use api::{Answer, Failure, Handler, Request};
use auth::{
    deletion::Keeping,
    password::{Hasher, Password},
};
use claims::Moment;
use config::{ConfigError, Environment};
use runtime::AuditEvent;
use store::{Accounts, Attempts, Aws, CredentialsTable, Deletions, FollowedProofKeys, UserTable};

/// The `keep-account` function, which is made once per process.
#[derive(Debug)]
pub struct KeepAccount {
    proof_keys: FollowedProofKeys,
    hasher: Hasher,
    attempts: Attempts,
    accounts: Accounts,
    deletions: Deletions,
}

impl KeepAccount {
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
        let deletions = environment.deletions_table()?;
        Ok(Self {
            proof_keys: proof_keys?,
            hasher,
            attempts: Attempts::new(client.clone(), environment.attempts_table()?),
            deletions: Deletions::new(client, deletions, accounts.clone(), None),
            accounts,
        })
    }
}

impl Handler for KeepAccount {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let body = request.body()?;
        let password = Password::parse(body.text("password")?)?;
        let proof_keys = self.proof_keys.current(now).await?;
        let user_id = Box::pin(auth::deletion::keep_account(
            Keeping {
                token: body.text("token")?,
                password: &password,
            },
            now,
            &mut config::random(),
            // A letter about a deletion has a link alone.
            proof_keys.proofs(false),
            &self.hasher,
            &self.accounts,
            &self.deletions,
            &self.attempts,
        ))
        .await?;
        Ok(Answer::account_kept(&user_id))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        self.proof_keys.take_faults().map(AuditEvent::from).collect()
    }
}
