//! `GET /auth/factors` lists the caller's second factors, and the paths below it add, remove and renew them.

use api::{Answer, FactorsRequest, Failure, Handler, Request, require_passkeys};
use auth::factor::{
    EnrolmentConfirmation, FactorKeys, begin_enrolment, confirm_enrolment, list_factors,
    passkey::{PasskeyRegistration, add_passkey, begin_passkey, remove_passkey, rename_passkey},
    remove_totp, renew_recovery,
};
use claims::Moment;
use config::{ConfigError, Environment};
use runtime::AuditEvent;
use store::{Aws, FactorChanges, FactorTable, FeedTable, FollowedSecret, MailTable, SessionTable, UserTable};
use webauthn::RelyingParty;

/// The `factors` function, which is made once per process.
#[derive(Debug)]
pub struct Factors {
    /// What an app shows as the name of the service.
    name: String,
    keys: FollowedSecret<FactorKeys>,
    /// The relying party of passkeys, or `None` if this service has no domain and so no passkeys.
    relying_party: Option<RelyingParty>,
    users: UserTable,
    sessions: SessionTable,
    table: FactorChanges,
    feed: FeedTable,
}

impl Factors {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or the factor keys are invalid.
    pub async fn new(environment: &Environment, aws: &Aws, now: Moment) -> Result<Self, ConfigError> {
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        let (keys, ()) = tokio::join!(
            Box::pin(store::follow_factor_keys(environment.factor_keys()?, aws, now)),
            Box::pin(users.prepare()),
        );
        let sessions = SessionTable::new(client.clone(), environment.refresh_tokens_table()?);
        let factors = FactorTable::new(client.clone(), environment.factors_table()?);
        let outbox = environment.optional_mail_table()?;
        let outbox = outbox.map(|name| MailTable::new(client.clone(), name));
        Ok(Self {
            name: environment.issuer()?.host().to_owned(),
            keys: keys?,
            relying_party: environment.relying_party()?,
            table: FactorChanges::new(factors, users.clone(), sessions.clone(), outbox),
            users,
            sessions,
            feed: FeedTable::new(client, environment.authorizer_feed_table()?),
        })
    }
}

impl Handler for Factors {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let caller = request.caller()?;
        let (user_id, sid) = (&caller.user_id, &caller.sid);
        let (users, sessions, factors) = (&self.users, &self.sessions, &self.table);
        Ok(match request.factors_request()? {
            FactorsRequest::List => Answer::factors(&list_factors(user_id, sid, now, users, sessions, factors).await?),
            FactorsRequest::BeginTotp => {
                let keys = self.keys.current(now).await?;
                let mut rng = config::random();
                let begun = begin_enrolment(user_id, sid, &self.name, now, &mut rng, &keys, users, sessions);
                Answer::enrolment(&Box::pin(begun).await?)
            }
            FactorsRequest::ConfirmTotp => {
                let body = request.body()?;
                let confirmation = EnrolmentConfirmation {
                    user_id,
                    sid,
                    enrolment: body.text("enrolment")?,
                    code: body.text("code")?,
                };
                let keys = self.keys.current(now).await?;
                let mut rng = config::random();
                let enrolled =
                    confirm_enrolment(confirmation, now, &mut rng, &keys, users, sessions, factors, &self.feed);
                Answer::enrolled(&Box::pin(enrolled).await?)
            }
            FactorsRequest::RemoveTotp => {
                remove_totp(user_id, sid, now, users, sessions, factors).await?;
                Answer::totp_removed(user_id)
            }
            FactorsRequest::RenewRecovery => {
                let codes = renew_recovery(user_id, sid, now, &mut config::random(), users, sessions, factors).await?;
                Answer::recovery_renewed(user_id, &codes)
            }
            FactorsRequest::BeginPasskey => {
                let relying_party = require_passkeys(self.relying_party.as_ref())?;
                let keys = self.keys.current(now).await?;
                let mut rng = config::random();
                let begun = begin_passkey(user_id, sid, now, &mut rng, &keys, users, sessions, factors);
                Answer::creation_options(&Box::pin(begun).await?, relying_party)
            }
            FactorsRequest::AddPasskey => {
                let (relying_party, response) =
                    (require_passkeys(self.relying_party.as_ref())?, request.registration()?);
                let registration = PasskeyRegistration {
                    user_id,
                    sid,
                    response: &response,
                    label: &request.body()?.passkey_label()?,
                };
                let keys = self.keys.current(now).await?;
                let mut rng = config::random();
                let feed = &self.feed;
                let added = add_passkey(
                    registration,
                    now,
                    &mut rng,
                    &keys,
                    relying_party,
                    users,
                    sessions,
                    factors,
                    feed,
                );
                Answer::passkey_added(&Box::pin(added).await?)
            }
            FactorsRequest::RenamePasskey(id) => {
                let body = request.patch()?;
                body.text("label")?;
                let label = body.passkey_label()?;
                rename_passkey(user_id, sid, &id, &label, now, users, sessions, factors).await?;
                Answer::passkey_renamed(user_id)
            }
            FactorsRequest::RemovePasskey(id) => {
                remove_passkey(user_id, sid, &id, now, users, sessions, factors).await?;
                Answer::passkey_removed(user_id)
            }
        })
    }

    fn notices(&self) -> Vec<AuditEvent> {
        self.keys.take_fault().map(AuditEvent::from).into_iter().collect()
    }
}
