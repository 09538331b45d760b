//! `POST /auth/account/keep` takes the link that keeps a deleted account.

use api::{Answer, Failure, Handler, Request};
use auth::{
    deletion::Keeping,
    factor::FactorKeys,
    password::{Hasher, Password},
};
use claims::Moment;
use config::{ConfigError, Environment};
use runtime::AuditEvent;
use store::{
    Accounts, Attempts, Aws, CredentialsTable, Deletions, FactorTable, FollowedProofKeys, FollowedSecret, MailTable,
    UserTable,
};

/// The `keep-account` function, which is made once per process.
#[derive(Debug)]
pub struct KeepAccount {
    proof_keys: FollowedProofKeys,
    factor_keys: FollowedSecret<FactorKeys>,
    hasher: Hasher,
    attempts: Attempts,
    accounts: Accounts,
    deletions: Deletions,
    factors: FactorTable,
    outbox: MailTable,
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
        let deletions = environment.deletions_table()?;
        let deletions = Deletions::new(client.clone(), deletions, accounts.clone(), Some(outbox.clone()));
        Ok(Self {
            proof_keys: proof_keys?,
            factor_keys: factor_keys?,
            hasher,
            attempts: Attempts::new(client, environment.attempts_table()?),
            deletions: deletions.with_factors(factors.clone()),
            factors,
            outbox,
            accounts,
        })
    }
}

impl Handler for KeepAccount {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let body = request.body()?;
        let password = Password::parse(body.text("password")?)?;
        let proof_keys = self.proof_keys.current(now).await?;
        let factor_keys = self.factor_keys.current(now).await?;
        let kept = Box::pin(auth::deletion::keep_account(
            Keeping {
                token: body.text("token")?,
                password: &password,
                second: body.second_proof("second_code")?,
            },
            now,
            &mut config::random(),
            // A letter about a deletion has a link alone.
            proof_keys.proofs(false),
            &self.hasher,
            &factor_keys,
            &self.accounts,
            &self.deletions,
            &self.factors,
            &self.attempts,
            &self.outbox,
        ))
        .await?;
        Ok(Answer::account_kept(&kept))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        let of_factors = self.factor_keys.take_fault();
        let faults = self.proof_keys.take_faults().chain(of_factors);
        faults.map(AuditEvent::from).collect()
    }
}
