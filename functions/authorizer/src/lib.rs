//! The authorizer: for each request, whether its access token is good, in the words of the API that asks.

mod answer;
mod bearer;
mod event;

use api::{Audit, AuditEvent, FunctionError, Level};
use claims::{Access, Clock, Timestamp, Verifier};
use config::{ConfigError, Environment};
use serde_json::Value;

use crate::event::Question;

/// What the function works with; made once per process.
#[derive(Debug)]
pub struct Authorizer<C> {
    verifier: Verifier<Access>,
    clock: C,
    audit: Audit,
}

impl<C: Clock> Authorizer<C> {
    /// The function that this environment describes.
    ///
    /// # Errors
    /// When a variable is missing or wrong.
    pub fn new(environment: &Environment, clock: C, audit: Audit) -> Result<Self, ConfigError> {
        let keys = environment
            .jwks()?
            .verifying_keys()
            .map_err(|fault| ConfigError::new("JWKS", &fault))?;
        Ok(Self {
            verifier: Verifier::access(environment.issuer()?, environment.audience()?, keys),
            clock,
            audit,
        })
    }

    /// Answers one event of API Gateway.
    ///
    /// # Errors
    /// With exactly `Unauthorized` when a REST API asks and the token is not good, or the event is of a shape that is
    /// not known: the gateway makes 401 of it.
    pub fn invoke(
        &self,
        payload: &str,
        request_id: String,
        xray_trace_id: Option<String>,
    ) -> Result<Value, FunctionError> {
        let call = self.audit.begin(self.clock.now(), request_id, xray_trace_id);
        let question = Question::read(payload);
        self.allow(&question, call.now.timestamp()).or_else(|reason| {
            let denied = AuditEvent::new("authorizer.denied", Level::Info).reason(reason);
            self.audit.write(&call, denied);
            answer::deny(&question, reason)
        })
    }

    /// The answer for the request's one bearer token, or the reason why it is refused.
    fn allow(&self, question: &Question, now: Timestamp) -> Result<Value, &'static str> {
        let token = bearer::token(question.authorization()?)?;
        let claims = self.verifier.verify(token, now).map_err(|refusal| refusal.reason())?;
        answer::allow(question, &claims)
    }
}
