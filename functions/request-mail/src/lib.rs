//! `POST /auth/register` and `POST /auth/forgot` request a mail. The function has no access to users, so its answer
//! cannot depend on whether an address belongs to one.

use api::{Answer, Failure, Handler, Request};
use auth::{
    attempts::{ClosedSources, PseudonymReader, Throttling},
    following::Followed,
    keys::EdgeKeys,
    mail::{self, MailKeys, Purpose},
    request_mail::MailRequest,
    user::Email,
};
use claims::Moment;
use config::{ConfigError, Environment, Registration};
use runtime::AuditEvent;
use store::{Aws, FollowedSecret, KeySource, MailTable};

/// The `request-mail` function, which is made once per process.
#[derive(Debug)]
pub struct RequestMail {
    /// The keys of the proxy in front of this service, if there is one.
    edge: Option<FollowedSecret<EdgeKeys>>,
    registration: Registration,
    keys: FollowedSecret<MailKeys>,
    pseudonyms: PseudonymReader<KeySource>,
    source_limit: Option<u64>,
    closed: ClosedSources,
    outbox: MailTable,
}

impl RequestMail {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or the mail keys, the pseudonym key or the proxy's keys are invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let (keys, pseudonyms) = tokio::join!(
            Box::pin(store::follow_mail_keys(environment.mail_keys()?, aws, now)),
            Box::pin(store::read_pseudonym_key(environment.pseudonym_key()?, aws)),
        );
        let edge = match environment.edge_keys()? {
            Some(location) => Some(store::follow_edge_keys(location, aws, now).await?),
            None => None,
        };
        Ok(Self {
            edge,
            registration: environment.registration()?,
            keys: keys?,
            pseudonyms: pseudonyms?,
            source_limit: environment.source_mail_limit()?,
            closed: ClosedSources::default(),
            outbox: MailTable::new(aws.dynamodb(), environment.mail_table()?),
        })
    }

    /// Returns why this path requests a mail.
    fn purpose(&self, request: &Request) -> Result<Purpose, Failure> {
        match request.path() {
            "/auth/forgot" => Ok(Purpose::Reset),
            "/auth/register" if self.registration != Registration::Off => Ok(Purpose::Register),
            _ => Err(Failure::not_found()),
        }
    }
}

impl Handler for RequestMail {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let request = match &self.edge {
            Some(edge) => request.require_edge(&*edge.current(now).await?)?,
            None => request,
        };
        let purpose = self.purpose(&request)?;
        let body = request.body()?;
        let email = Email::parse(body.text("email")?)?;
        let language = body.language()?;
        // Otherwise, each of endless spellings of one mailbox would have its own limit.
        if mail::recipient(email.typed()).is_none() {
            return Err(Failure::invalid_request("no mail can be sent to this address"));
        }
        if purpose == Purpose::Register && !self.registration.admits(&email) {
            let description = "nobody may register with an address at this domain";
            return Err(Failure::invalid_request(description));
        }
        let throttling = Throttling {
            pseudonyms: self.pseudonyms.key().await?,
            source_limit: self.source_limit,
            closed: &self.closed,
        };

        let requested = auth::request_mail::request_mail(
            MailRequest {
                purpose,
                email,
                language,
                ip: request.client_details(None).ip.as_deref(),
            },
            now,
            &mut config::random(),
            &*self.keys.current(now).await?,
            throttling,
            &self.outbox,
        )
        .await?;

        Ok(Answer::mail_requested(&requested, purpose))
    }

    fn notices(&self) -> Vec<AuditEvent> {
        let of_edge = self.edge.as_ref().and_then(Followed::take_fault);
        [self.keys.take_fault(), of_edge]
            .into_iter()
            .flatten()
            .map(AuditEvent::from)
            .collect()
    }
}
