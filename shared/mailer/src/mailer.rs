//! The function that sends letters: a batch of requested mails becomes letters, one after the other.

use auth::{
    attempts::PseudonymReader,
    keys::LinkKeys,
    mail::{self, Delivered, MailKeys, QueueNotice as _},
};
use claims::{Clock, Issuer};
use config::{ConfigError, Environment};
use runtime::{Audit, AuditEvent, Event, FunctionError, Invoke};
use serde_json::{Value, json};
use store::{Accounts, Aws, CredentialsTable, FollowedSecret, KeySource, MailTable, MailTask, UserTable};

use crate::{
    SendMail,
    record::{self, Record},
    writer::LetterWriter,
};

/// A function that sends letters with `S`. It is made once per process.
#[derive(Debug)]
pub struct Mailer<C, S> {
    issuer: Issuer,
    mail_keys: FollowedSecret<MailKeys>,
    link_keys: FollowedSecret<LinkKeys>,
    pseudonyms: PseudonymReader<KeySource>,
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
        let of_links = {
            let issuer = issuer.clone();
            move |set| LinkKeys::new(set, &issuer)
        };
        let (link_keys, mail_keys, pseudonyms) = tokio::join!(
            Box::pin(store::follow_key_set(environment.refresh_keys()?, aws, now, of_links)),
            Box::pin(store::follow_mail_keys(environment.mail_keys()?, aws, now)),
            Box::pin(store::read_pseudonym_key(environment.pseudonym_key()?, aws)),
        );
        Ok(Self {
            mail_keys: mail_keys?,
            link_keys: link_keys?,
            pseudonyms: pseudonyms?,
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
        let mail_keys = self.mail_keys.current(now).await.map_err(|error| error.to_string())?;
        let link_keys = self.link_keys.current(now).await.map_err(|error| error.to_string())?;
        let pseudonyms = self.pseudonyms.key().await.map_err(|error| error.to_string())?;
        let mailer = mail::Mailer {
            mail_keys: &mail_keys,
            link_keys: &link_keys,
            pseudonyms,
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
                failed.push(json!({"itemIdentifier": sequence_number}));
            }
        }
        let faults = [self.mail_keys.take_fault(), self.link_keys.take_fault()];
        for fault in faults.into_iter().flatten() {
            self.audit.write(&call, AuditEvent::from(fault));
        }
        Ok(json!({"batchItemFailures": failed}))
    }
}
