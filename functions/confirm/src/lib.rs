//! `POST /auth/confirm` confirms in a session who its user is (step-up): with the password and a second factor, or with
//! a passkey alone. `POST /auth/confirm/options` issues the challenge for a passkey.

use api::{Answer, Caller, Failure, Handler, Request, require_passkeys};
use auth::{
    factor::{
        Confirmation, FactorKeys,
        passkey::{PasskeyConfirmation, PasskeyProof, request_confirmation},
    },
    password::{Hasher, Password},
    session::Issuing,
};
use claims::{Access, KeySet, Moment, TokenTerms};
use config::{ConfigError, Environment};
use runtime::AuditEvent;
use store::{
    Accounts, Attempts, Aws, CredentialsTable, FactorChanges, FactorTable, FollowedSecret, MailTable, SessionTable,
    UserTable,
};
use webauthn::{AuthenticationResponse, RelyingParty};

/// The `confirm` function, which is made once per process.
#[derive(Debug)]
pub struct Confirm {
    terms: TokenTerms,
    keys: FollowedSecret<KeySet<Access>>,
    factor_keys: FollowedSecret<FactorKeys>,
    /// The relying party of passkeys, or `None` if this service has no domain and so no passkeys.
    relying_party: Option<RelyingParty>,
    hasher: Hasher,
    attempts: Attempts,
    accounts: Accounts,
    sessions: SessionTable,
    factors: FactorChanges,
}

impl Confirm {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or a key set or the factor keys are invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let terms = environment.token_terms()?;
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let hasher = Hasher::new(environment.hash_cost()?);
        let (keys, factor_keys, (), ()) = tokio::join!(
            Box::pin(store::follow_key_set(environment.access_keys()?, aws, now, |set| set)),
            Box::pin(store::follow_factor_keys(environment.factor_keys()?, aws, now)),
            Box::pin(users.prepare()),
            hasher.prepare(),
        );
        let sessions = SessionTable::new(client.clone(), environment.refresh_tokens_table()?);
        let factors = FactorTable::new(client.clone(), environment.factors_table()?);
        let outbox = environment.optional_mail_table()?;
        let outbox = outbox.map(|name| MailTable::new(client.clone(), name));
        let credentials = CredentialsTable::new(client.clone(), environment.credentials_table()?);
        Ok(Self {
            relying_party: environment.relying_party()?,
            hasher,
            attempts: Attempts::new(client, environment.attempts_table()?),
            factors: FactorChanges::new(factors, users.clone(), sessions.clone(), outbox),
            accounts: Accounts::new(users, credentials),
            sessions,
            keys: keys?,
            factor_keys: factor_keys?,
            terms,
        })
    }
}

impl Confirm {
    async fn options(&self, caller: &Caller, now: Moment) -> Result<Answer, Failure> {
        let relying_party = require_passkeys(self.relying_party.as_ref())?;
        let keys = self.factor_keys.current(now).await?;
        let asked = Box::pin(request_confirmation(
            &caller.user_id,
            &caller.sid,
            now,
            &mut config::random(),
            &keys,
            &self.accounts,
            &self.sessions,
            &self.factors,
        ))
        .await?;
        Ok(Answer::request_options(&asked, relying_party))
    }

    async fn confirm_with_passkey(
        &self,
        caller: &Caller,
        response: &AuthenticationResponse,
        now: Moment,
    ) -> Result<Answer, Failure> {
        let relying_party = require_passkeys(self.relying_party.as_ref())?;
        let keys = self.keys.current(now).await?;
        let factor_keys = self.factor_keys.current(now).await?;
        let confirmed = Box::pin(auth::factor::passkey::confirm_with_passkey(
            PasskeyConfirmation {
                user_id: &caller.user_id,
                sid: &caller.sid,
                proof: PasskeyProof {
                    response,
                    relying_party,
                },
            },
            now,
            &mut config::random(),
            &Issuing {
                terms: &self.terms,
                signer: &*keys,
            },
            &factor_keys,
            &self.accounts,
            &self.sessions,
            &self.factors,
        ))
        .await?;
        Ok(Answer::confirmed(&confirmed))
    }
}

impl Handler for Confirm {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let caller = request.caller()?;
        if request.asks_for_options()? {
            return self.options(&caller, now).await;
        }
        let body = request.body()?;
        if let Some(response) = request.authentication("passkey")? {
            return self.confirm_with_passkey(&caller, &response, now).await;
        }
        let password = Password::parse(body.text("password")?)?;
        let second = body.second_proof("code")?;
        let keys = self.keys.current(now).await?;
        let factor_keys = self.factor_keys.current(now).await?;

        let confirmed = Box::pin(auth::factor::confirm(
            Confirmation {
                user_id: &caller.user_id,
                sid: &caller.sid,
                password: &password,
                second,
            },
            now,
            &mut config::random(),
            &Issuing {
                terms: &self.terms,
                signer: &*keys,
            },
            &self.hasher,
            &factor_keys,
            &self.accounts,
            &self.attempts,
            &self.sessions,
            &self.factors,
            &self.factors,
        ))
        .await?;

        Ok(Answer::confirmed(&confirmed))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        let faults = [self.keys.take_fault(), self.factor_keys.take_fault()];
        faults.into_iter().flatten().map(AuditEvent::from).collect()
    }
}
