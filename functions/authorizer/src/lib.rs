//! The authorizer. It decides whether the access token of a request is good and satisfies the rules of the route, and
//! answers in the form that the API expects.

mod answer;
mod arn;
mod bearer;
mod built_in;
mod event;
mod object;
mod outcome;
mod policy;
mod presented;
mod settings;
mod trust;
mod value;

use claims::{Clock, Unverified};
use config::{ConfigError, Environment};
use rules::Rules;
use runtime::{Audit, Call, FunctionError, Invoke};
use serde_json::Value;

pub use crate::built_in::built_in_rules;
use crate::{event::Question, outcome::Outcome, settings::Settings, trust::Trust};

/// The authorizer function, which is made once per process.
#[derive(Debug)]
pub struct Authorizer<C> {
    trust: Trust,
    settings: Settings,
    rules: Rules,
    clock: C,
    audit: Audit,
}

impl<C: Clock> Authorizer<C> {
    /// Returns the function with the settings of this environment and the rules of `routes.toml`. It connects to AWS
    /// only if the keys are not pinned.
    ///
    /// # Errors
    /// If a variable is missing or invalid, or AWS cannot be used.
    pub async fn new(environment: &Environment, clock: C, audit: Audit) -> Result<Self, ConfigError> {
        Ok(Self {
            settings: Settings::read(environment)?,
            trust: Trust::new(environment, clock.now()).await?,
            rules: built_in_rules(),
            clock,
            audit,
        })
    }

    /// Returns the function with these rules in place of its own.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// Decides whether the request has exactly one good bearer token that satisfies the rules of the route.
    async fn decide(&self, question: &Question, call: &Call) -> Outcome {
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
            Ok(claims) => Outcome::decide(claims, question, &self.rules, call.now.timestamp()),
            // The log line of this outcome has the cause, so the notices are not needed.
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
    /// The message is `Unauthorized`, for which the gateway answers 401, if a caller of a REST or WebSocket API has no
    /// good token or if the format of the event is unknown. If no decision is possible, the message is different and
    /// the gateway answers 500.
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
        answer::write_answer(&outcome, &question, &self.rules, call.now.timestamp())
    }
}
