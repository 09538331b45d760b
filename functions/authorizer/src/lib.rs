//! The authorizer: for each request, whether its access token is good, in the words of the API that asks.

mod answer;
mod bearer;
mod event;
mod trust;

use api::{Audit, AuditEvent, Call, FunctionError, Level};
use auth::Undecided;
use claims::Clock;
use config::{ConfigError, Environment};
use serde_json::Value;
use store::Client;

use crate::{
    event::Question,
    trust::{Finding, Trust},
};

/// What the function works with; made once per process.
#[derive(Debug)]
pub struct Authorizer<C> {
    trust: Trust,
    clock: C,
    audit: Audit,
}

impl<C: Clock> Authorizer<C> {
    /// The function that this environment describes. A client of the database is only asked for where the keys are not
    /// pinned.
    ///
    /// # Errors
    /// When a variable is missing or wrong, or there is no client.
    pub async fn new<E: From<ConfigError>>(
        environment: &Environment,
        client: impl AsyncFnOnce() -> Result<Client, E>,
        clock: C,
        audit: Audit,
    ) -> Result<Self, E> {
        Ok(Self {
            trust: Trust::new(environment, client).await?,
            clock,
            audit,
        })
    }

    /// Answers one event of API Gateway.
    ///
    /// # Errors
    /// With exactly `Unauthorized` when a REST API asks and the token is not good, or the event is of a shape that is
    /// not known: the gateway makes 401 of it. With another message when nothing can be decided: it makes 500 of that.
    pub async fn invoke(
        &self,
        payload: &str,
        request_id: String,
        xray_trace_id: Option<String>,
    ) -> Result<Value, FunctionError> {
        let call = self.audit.begin(self.clock.now(), request_id, xray_trace_id);
        let question = Question::read(payload);
        let answer = match self.find(&question, &call).await {
            Ok(Finding::Good(claims)) => answer::allow(&question, &claims),
            Ok(Finding::Bad(reason)) => Err(reason),
            Err(undecided) => return Err(self.undecided(&call, &undecided)),
        };
        answer.or_else(|reason| {
            let denied = AuditEvent::new("authorizer.denied", Level::Info).reason(reason);
            self.audit.write(&call, denied);
            answer::deny(&question, reason)
        })
    }

    /// What is found of the request's one bearer token.
    async fn find(&self, question: &Question, call: &Call) -> Result<Finding, Undecided> {
        let token = match question.authorization().and_then(bearer::token) {
            Ok(token) => token,
            Err(reason) => return Ok(Finding::Bad(reason)),
        };
        let (found, fault) = self.trust.find(token, call.now).await?;
        if let Some(fault) = fault {
            let unread = AuditEvent::new("authorizer.feed_unread", Level::Warn);
            self.audit.write(call, unread.field("cause", &fault.to_string()));
        }
        Ok(found)
    }

    fn undecided(&self, call: &Call, undecided: &Undecided) -> FunctionError {
        let event = AuditEvent::new("authorizer.undecided", Level::Error);
        self.audit.write(call, event.field("cause", &undecided.to_string()));
        FunctionError::new("the authorizer cannot decide")
    }
}
