//! The rotation of both key sets in the four steps of Secrets Manager, each of which may come twice.

mod event;
mod steps;

use claims::{Access, Algorithm, Clock, Refresh};
use config::{ConfigError, Environment};
use runtime::{Audit, AuditEvent, Call, Event, FunctionError, Invoke};
use serde_json::Value;
use store::{Aws, PublicKeyTable, Secret};

use crate::event::{RotationEvent, Step};
pub use crate::steps::{Promoted, RotationFault, create, finish, finish_published, publish, test, test_published};

/// The function, which is made once per process.
#[derive(Debug)]
pub struct RotateKeys<C> {
    access: KeySecret,
    refresh: KeySecret,
    algorithm: Algorithm,
    public_keys: PublicKeyTable,
    clock: C,
    audit: Audit,
}

/// A secret, with its name in rotation events.
#[derive(Debug)]
struct KeySecret {
    name: String,
    secret: Secret,
}

impl KeySecret {
    fn new(name: String, aws: &Aws) -> Self {
        Self {
            secret: Secret::new(aws.secrets_manager(), name.clone()),
            name,
        }
    }
}

impl<C: Clock> RotateKeys<C> {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// When a variable is missing or invalid.
    pub fn new(environment: &Environment, aws: &Aws, clock: C, audit: Audit) -> Result<Self, ConfigError> {
        Ok(Self {
            access: KeySecret::new(environment.access_keys_secret()?, aws),
            refresh: KeySecret::new(environment.refresh_keys_secret()?, aws),
            algorithm: environment.access_token_algorithm()?,
            public_keys: PublicKeyTable::new(aws.dynamodb(), environment.public_keys_table()?),
            clock,
            audit,
        })
    }

    async fn step(&self, payload: &str, call: &Call) -> Result<Option<(&'static str, Promoted)>, RotationFault> {
        let RotationEvent { step, secret, id } = RotationEvent::read(payload)?;
        let now = call.now.timestamp();
        let rng = &mut config::random();
        if secret == self.access.name {
            let versions = &self.access.secret;
            match step {
                Step::Create => create::<Access>(&id, self.algorithm, now, rng, versions).await?,
                Step::Set => publish(&id, now, versions, &self.public_keys).await?,
                Step::Test => test_published(&id, now, versions, &self.public_keys).await?,
                Step::Finish => {
                    let promoted = finish_published(&id, now, versions, &self.public_keys).await?;
                    return Ok(promoted.map(|promoted| ("access", promoted)));
                }
            }
        } else if secret == self.refresh.name {
            let versions = &self.refresh.secret;
            match step {
                Step::Create => create::<Refresh>(&id, Algorithm::HS256, now, rng, versions).await?,
                // Only the issuer has these keys, so there is nowhere to set them.
                Step::Set => {}
                Step::Test => test::<Refresh>(&id, now, versions).await?,
                Step::Finish => {
                    let promoted = finish::<Refresh>(&id, now, versions).await?;
                    return Ok(promoted.map(|promoted| ("refresh", promoted)));
                }
            }
        } else {
            return Err(RotationFault::ForeignSecret);
        }
        Ok(None)
    }
}

impl<C: Clock> Invoke for RotateKeys<C> {
    /// Does one step of a rotation.
    ///
    /// # Errors
    /// When the event is not a rotation of these secrets, or the step fails. Secrets Manager then tries again.
    async fn invoke(
        &self,
        payload: &str,
        request_id: String,
        xray_trace_id: Option<String>,
    ) -> Result<Value, FunctionError> {
        let call = self.audit.begin(self.clock.now(), request_id, xray_trace_id);
        // A step's future is large and the runtime moves it, so it is boxed.
        let outcome = Box::pin(self.step(payload, &call)).await;
        match &outcome {
            Ok(None) => {}
            Ok(Some((key_set, promoted))) => self.audit.write(&call, rotated(key_set, promoted)),
            Err(fault) => {
                let failed = AuditEvent::new(Event::KeyRotationFailed);
                self.audit.write(&call, failed.field("cause", &fault.to_string()));
            }
        }
        outcome
            .map(|_| Value::Null)
            .map_err(|fault| FunctionError::new(&fault.to_string()))
    }
}

fn rotated(key_set: &str, promoted: &Promoted) -> AuditEvent {
    AuditEvent::new(Event::KeyRotated)
        .field("key_set", key_set)
        .field("kid", promoted.newest.as_str())
        .field("activates_at", &promoted.activates_at.get().to_string())
}
