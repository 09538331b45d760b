//! The function that sends letters: a batch of requested mails becomes letters, one after the other.

use auth::mail::{self, Delivered, QueueNotice as _};
use claims::{Clock, Issuer};
use config::{ConfigError, Environment};
use runtime::{Audit, AuditEvent, Event, FunctionError, Invoke, failures};
use serde_json::Value;
use store::{Accounts, Aws, CredentialsTable, FollowedProofKeys, MailTable, MailTask, UserTable};

use crate::{
    SendMail,
    record::{self, Record},
    writer::LetterWriter,
};

/// A function that sends letters with `S`. It is made once per process.
#[derive(Debug)]
pub struct Mailer<C, S> {
    issuer: Issuer,
    proof_keys: FollowedProofKeys,
    has_codes: bool,
    registrations_per_hour: u64,
    mails_per_hour: u64,
    accounts: Accounts,
    outbox: MailTable,
    writer: LetterWriter<S>,
    clock: C,
    audit: Audit,
}

impl<C: Clock, S: SendMail> Mailer<C, S> {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or a key set, the mail keys or the pseudonym key are invalid.
    pub async fn new(
        environment: &Environment,
        aws: &Aws,
        sender: S,
        clock: C,
        audit: Audit,
    ) -> Result<Self, ConfigError> {
        let (issuer, now) = (environment.issuer()?, clock.now());
        let client = aws.dynamodb();
        let proof_keys = store::follow_proof_keys(
            environment.mail_keys()?,
            environment.refresh_keys()?,
            environment.pseudonym_key()?,
            issuer.clone(),
            aws,
            now,
        );
        let proof_keys = Box::pin(proof_keys).await?;
        Ok(Self {
            proof_keys,
            has_codes: environment.has_mail_codes()?,
            registrations_per_hour: environment.registration_mails_per_hour()?,
            mails_per_hour: environment.mails_per_hour()?,
            accounts: Accounts::new(
                UserTable::new(client.clone(), environment.users_table()?),
                CredentialsTable::new(client.clone(), environment.credentials_table()?),
            ),
            outbox: MailTable::new(client, environment.mail_table()?),
            writer: LetterWriter {
                sender,
                app_url: environment.app_url()?,
                from: environment.mail_from()?,
                language: environment.mail_language()?,
            },
            issuer,
            clock,
            audit,
        })
    }

    /// Does what a record asks for. Returns what to log, if anything, and whether the record has to be tried again.
    async fn perform(&self, task: &MailTask) -> (Option<AuditEvent>, bool) {
        let event = |event| {
            let event = AuditEvent::new(event);
            match task {
                MailTask::Mail(mail) => event.reason(mail.purpose.as_str()).identifier(&mail.address),
                MailTask::Notice(notice) | MailTask::Queue(notice) => {
                    event.reason(notice.what.as_str()).user(&notice.user_id)
                }
            }
        };
        let delivered = match self.try_perform(task).await {
            Ok(Some(delivered)) => delivered,
            Ok(None) => return (None, false),
            Err(cause) => return (Some(event(Event::MailUnsent).field("cause", &cause)), true),
        };
        let event = match delivered {
            Delivered::Sent => event(Event::MailSent),
            Delivered::Before => event(Event::MailSent).field("repeated", "true"),
            Delivered::NotDue => event(Event::MailNotDue),
            Delivered::Unreadable => event(Event::MailUnreadable),
            Delivered::OverBudget => event(Event::MailOverBudget),
            Delivered::Refused(cause) => event(Event::MailRefused).field("cause", &cause),
        };
        (Some(event), false)
    }

    /// Returns what became of a mail or notice, or `None` if a notice was only queued.
    async fn try_perform(&self, task: &MailTask) -> Result<Option<Delivered>, String> {
        let now = self.clock.now();
        let keys = self.proof_keys.current(now).await.map_err(|error| error.to_string())?;
        let mailer = mail::Mailer {
            mail_keys: &keys.mail,
            link_keys: &keys.links,
            pseudonyms: keys.pseudonyms,
            issuer: &self.issuer,
            has_codes: self.has_codes,
            registrations_per_hour: self.registrations_per_hour,
            mails_per_hour: self.mails_per_hour,
        };
        let (users, outbox, writer) = (&self.accounts, &self.outbox, &self.writer);
        let delivered = match task {
            MailTask::Mail(mail) => mail::deliver(mail, now, mailer, users, outbox, writer).await,
            MailTask::Notice(notice) => mail::deliver_notice(notice, now, mailer, users, outbox, writer).await,
            MailTask::Queue(notice) => {
                let queued = outbox.queue_notice(notice).await;
                return queued.map(|()| None).map_err(|error| error.to_string());
            }
        };
        delivered.map(Some).map_err(|error| error.to_string())
    }
}

impl<C: Clock, S: SendMail> Invoke for Mailer<C, S> {
    /// Delivers a batch of requested mails. The answer names the records that have to be tried again. Every record is
    /// tried, even after one that failed, so that it does not hold up the others.
    ///
    /// # Errors
    /// If the event is not from a stream.
    async fn invoke(
        &self,
        payload: &str,
        request_id: String,
        xray_trace_id: Option<String>,
    ) -> Result<Value, FunctionError> {
        let call = self.audit.begin(self.clock.now(), request_id, xray_trace_id);
        let mut failed = Vec::new();
        for Record { sequence_number, task } in record::parse(payload)? {
            let (event, is_failed) = match &task {
                Some(task) => Box::pin(self.perform(task)).await,
                None => (Some(AuditEvent::new(Event::MailUnreadable).reason("record")), false),
            };
            if let Some(event) = event {
                self.audit.write(&call, event);
            }
            if is_failed {
                failed.push(sequence_number);
            }
        }
        for fault in self.proof_keys.take_faults() {
            self.audit.write(&call, AuditEvent::from(fault));
        }
        Ok(failures(&failed))
    }
}
