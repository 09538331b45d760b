//! Removes the accounts that their owners have deleted, once they are due. The function runs every hour.

use auth::{attempts::PseudonymReader, deletion::Removals};
use claims::{Clock, Span};
use config::{ConfigError, Environment};
use runtime::{Audit, AuditEvent, Call, Event, FunctionError, Invoke};
use serde_json::Value;
use store::{
    Accounts, AddressRecords, Attempts, Aws, CredentialsTable, Deletions, FactorTable, KeySource, MailTable,
    SessionTable, UserTable,
};

/// After this time, a run begins no further page. What is left waits for the next run.
const LONGEST: Span = Span::seconds(60);

/// The `remove-accounts` function, which is made once per process.
#[derive(Debug)]
pub struct RemoveAccounts<C> {
    pseudonyms: PseudonymReader<KeySource>,
    users: UserTable,
    sessions: SessionTable,
    records: AddressRecords,
    deletions: Deletions,
    clock: C,
    audit: Audit,
}

impl<C: Clock> RemoveAccounts<C> {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or the pseudonym key is invalid.
    pub async fn new(environment: &Environment, aws: &Aws, clock: C, audit: Audit) -> Result<Self, ConfigError> {
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let credentials = CredentialsTable::new(client.clone(), environment.credentials_table()?);
        let accounts = Accounts::new(users.clone(), credentials);
        let attempts = Attempts::new(client.clone(), environment.attempts_table()?);
        let factors = FactorTable::new(client.clone(), environment.factors_table()?);
        let outbox = environment.optional_mail_table()?;
        let outbox = outbox.map(|name| MailTable::new(client.clone(), name));
        let deletions = environment.deletions_table()?;
        Ok(Self {
            pseudonyms: Box::pin(store::read_pseudonym_key(environment.pseudonym_key()?, aws)).await?,
            users,
            sessions: SessionTable::new(client.clone(), environment.refresh_tokens_table()?),
            records: AddressRecords::new(attempts, factors, outbox),
            deletions: Deletions::new(client, deletions, accounts, None),
            clock,
            audit,
        })
    }

    /// Removes accounts page by page.
    ///
    /// # Errors
    /// If the deletions or the pseudonym key cannot be read.
    async fn run(&self, call: &Call) -> Result<(), String> {
        let pseudonyms = self.pseudonyms.key().await.map_err(|error| error.to_string())?;
        let end = call.now.timestamp().plus(LONGEST);
        let mut after = None;
        loop {
            let page = auth::deletion::remove_deleted(
                after.as_ref(),
                call.now,
                pseudonyms,
                &self.users,
                &self.sessions,
                &self.records,
                &self.deletions,
            );
            // Boxed, because the future of a whole use case is large.
            let Removals { outcomes, next } = Box::pin(page).await.map_err(|error| error.to_string())?;
            for (deletion, outcome) in outcomes {
                let event = match outcome {
                    Ok(true) => AuditEvent::new(Event::AccountRemoved),
                    Ok(false) => continue,
                    Err(error) => AuditEvent::new(Event::AccountRemovalFailed).field("cause", &error.to_string()),
                };
                self.audit.write(call, event.user(&deletion.user_id));
            }
            if next.is_none() || self.clock.now().timestamp() >= end {
                return Ok(());
            }
            after = next;
        }
    }
}

impl<C: Clock> Invoke for RemoveAccounts<C> {
    /// Removes every account that is due. The event is ignored.
    ///
    /// # Errors
    /// If the deletions or the pseudonym key cannot be read. The next run tries again.
    async fn invoke(&self, _: &str, request_id: String, xray_trace_id: Option<String>) -> Result<Value, FunctionError> {
        let call = self.audit.begin(self.clock.now(), request_id, xray_trace_id);
        let outcome = self.run(&call).await;
        if let Err(cause) = &outcome {
            let failed = AuditEvent::new(Event::AccountRemovalFailed);
            self.audit.write(&call, failed.field("cause", cause));
        }
        outcome
            .map(|()| Value::Null)
            .map_err(|cause| FunctionError::new(&cause))
    }
}
