//! The authorizer: for each request, whether its access token is good, in the words of the API that asks.

mod answer;
mod arn;
mod bearer;
mod built_in;
mod event;
mod object;
mod outcome;
mod policy;
mod settings;
mod trust;

use claims::{Clock, Unverified};
use config::{ConfigError, Environment};
use rules::Rules;
use runtime::{Audit, Call, FunctionError, Invoke};
use serde_json::Value;
use store::Aws;

pub use crate::built_in::built_in;
use crate::{event::Question, outcome::Outcome, settings::Settings, trust::Trust};

/// What the function works with; made once per process.
#[derive(Debug)]
pub struct Authorizer<C> {
    trust: Trust,
    settings: Settings,
    rules: Rules,
    clock: C,
    audit: Audit,
}

impl<C: Clock> Authorizer<C> {
    /// The function that this environment describes, with the rules of `routes.toml`. AWS is only asked for where the
    /// keys are not pinned.
    ///
    /// # Errors
    /// When a variable is missing or wrong, or there is no AWS.
    pub async fn new<E: From<ConfigError>>(
        environment: &Environment,
        aws: impl AsyncFnOnce() -> Result<Aws, E>,
        clock: C,
        audit: Audit,
    ) -> Result<Self, E> {
        Ok(Self {
            settings: Settings::read(environment)?,
            trust: Trust::new(environment, clock.now(), aws).await?,
            rules: built_in(),
            clock,
            audit,
        })
    }

    /// The same function with other rules.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// Whether the request's one bearer token is good, and good enough for the route.
    async fn decide<'a>(&'a self, question: &'a Question, call: &Call) -> Outcome<'a> {
        let token = match bearer::token(&question.presented) {
            Ok(token) => token,
            Err(reason) => return Outcome::Unsigned(reason),
        };
        let token = match Unverified::parse(token) {
            Ok(token) => token,
            Err(refusal) => return refusal.into(),
        };
        let mut notices = Vec::new();
        let outcome = match self.trust.verify(&token, call.now, &mut notices).await {
            Ok(claims) => Outcome::of(claims, question, &self.rules),
            // The one line about it says what is not known.
            Err(undecided @ Outcome::Undecided(_)) => return undecided,
            Err(other) => other,
        };
        for notice in notices {
            self.audit.write(call, notice);
        }
        outcome
    }
}

impl<C: Clock> Invoke for Authorizer<C> {
    /// Answers one event of API Gateway.
    ///
    /// # Errors
    /// With exactly `Unauthorized` when a REST or WebSocket API asks and the token is not good, or the event is of a
    /// shape that is not known: the gateway makes 401 of it. With another message when nothing can be decided: it makes
    /// 500 of that.
    async fn invoke(
        &self,
        payload: &str,
        request_id: String,
        xray_trace_id: Option<String>,
    ) -> Result<Value, FunctionError> {
        let call = self.audit.begin(self.clock.now(), request_id, xray_trace_id);
        let question = self.settings.read_question(payload);
        let call = Call {
            gateway_request_id: question.request_id.clone(),
            ..call
        };
        let outcome = self.decide(&question, &call).await;
        if let Some(event) = outcome.audit_event() {
            self.audit.write(&call, event);
        }
        answer::say(&outcome, &question)
    }
}
