//! The authorizer. It decides whether the access token of a request is good and satisfies the rules of the route, and
//! answers in the form that the API expects.

mod allowed;
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

use claims::{Clock, Moment, Unverified};
use config::{ConfigError, Environment};
use rules::Rules;
use runtime::{Audit, AuditEvent, Call, FunctionError, Invoke};
use serde_json::Value;

pub use crate::built_in::built_in_rules;
use crate::{allowed::Allowed, event::Question, outcome::Outcome, settings::Settings, trust::Trust};

/// The authorizer function, which is made once per process.
#[derive(Debug)]
pub struct Authorizer<C> {
    trust: Trust,
    settings: Settings,
    rules: Rules,
    allowed: Allowed,
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
            allowed: Allowed::default(),
            clock,
            audit,
        })
    }

    /// Returns the function with these rules in place of its own.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// Decides whether the request has exactly one good bearer token that satisfies the rules of the route. Returns the
    /// decision and what the log has to say.
    async fn decide(&self, question: &Question, now: Moment) -> (Outcome, Vec<AuditEvent>) {
        let token = match bearer::token(&question.presented) {
            Ok(token) => token,
            Err(reason) => return Outcome::Unsigned(reason).into_logged(None),
        };
        let token = match Unverified::parse(token) {
            Ok(token) => token,
            Err(refusal) => return Outcome::from(refusal).into_logged(None),
        };
        let mut notices = Vec::new();
        let outcome = match self.trust.verify(&token, now, &mut notices).await {
            Ok(claims) => Outcome::decide(claims, question, &self.rules, now.timestamp()),
            // The log line of this outcome has the cause, so the notices are not needed.
            Err(undecided @ Outcome::Undecided(_)) => return undecided.into_logged(None),
            Err(other) => other,
        };
        let (outcome, events) = outcome.into_logged(Some(&token));
        notices.extend(events);
        (outcome, notices)
    }

    /// Counts an allowed request, and writes the number of allowed ones if the feed was polled. An authorizer that does
    /// not poll the feed writes it once a minute.
    fn count(&self, outcome: &Outcome, call: &Call) {
        if let Outcome::Allowed(_) = outcome {
            self.allowed.add();
        }
        let due = match self.trust.take_poll() {
            Some(poll) => Some(self.allowed.take_with(poll)),
            None if self.trust.follows_revocations() => None,
            None => self.allowed.take_due(call.now),
        };
        if let Some((event, number)) = due {
            self.audit.write_number(call, event, number);
        }
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
        let mut call = self.audit.begin(self.clock.now(), request_id, xray_trace_id);
        let question = self.settings.read_question(payload);
        let (outcome, events) = self.decide(&question, call.now).await;
        self.count(&outcome, &call);
        if !events.is_empty() {
            call.gateway = question.describe(payload);
        }
        for event in events {
            self.audit.write(&call, event);
        }
        answer::write_answer(&outcome, &question, &self.rules, call.now.timestamp())
    }
}
