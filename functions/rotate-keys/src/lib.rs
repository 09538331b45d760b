//! The rotation of both key sets in the four steps of Secrets Manager, which may call each step more than once, and the
//! daily check whether both are rotated.

mod event;

use auth::keys::ReadKeySet as _;
use claims::{Access, Algorithm, Clock, KeySetDocument, Refresh, Span, Timestamp, TokenKind};
use config::{ConfigError, Environment};
use rotation::{
    ConfirmKeySet, PublishKeySet,
    steps::{self, Promoted, RotationError},
};
use runtime::{Audit, AuditEvent, Event, FunctionError, Invoke};
use serde_json::Value;
use store::{Aws, PublicKeyTable, Secret};

use crate::event::{CheckEvent, RotateKeysEvent, RotationEvent, Step};

/// A day in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Why a step or a check failed.
#[derive(Debug, thiserror::Error)]
enum RotateKeysError {
    /// The event is neither from Secrets Manager nor from the schedule.
    #[error("the event is neither a rotation by Secrets Manager nor the daily check")]
    ForeignEvent,
    /// The event is about a secret that the environment does not name.
    #[error("the secret is neither ACCESS_KEYS_SECRET nor REFRESH_KEYS_SECRET")]
    ForeignSecret,
    /// The step or the check failed.
    #[error(transparent)]
    Rotation(#[from] RotationError),
}

/// The `rotate-keys` function, which is made once per process.
#[derive(Debug)]
pub struct RotateKeys<C> {
    access: KeySecret,
    refresh: KeySecret,
    algorithm: Algorithm,
    public_keys: PublicKeyTable,
    clock: C,
    audit: Audit,
}

/// The secret with a key set, and the name by which the environment and rotation events refer to it.
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
    /// If a variable is missing or invalid.
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

    /// Handles an event, and returns what there is to log.
    async fn handle(&self, payload: &str, now: Timestamp) -> Result<Vec<AuditEvent>, RotateKeysError> {
        match RotateKeysEvent::read(payload)? {
            RotateKeysEvent::Rotation(event) => {
                let promoted = self.step(&event, now).await?;
                Ok(promoted
                    .iter()
                    .map(|(name, promoted)| rotation_event(name, promoted))
                    .collect())
            }
            RotateKeysEvent::Check(event) => Ok(self.check(&event, now).await?),
        }
    }

    /// Returns an event for each key set whose rotation is overdue.
    async fn check(
        &self,
        CheckEvent { rotation_days }: &CheckEvent,
        now: Timestamp,
    ) -> Result<Vec<AuditEvent>, RotationError> {
        let period = Span::seconds(rotation_days.saturating_mul(DAY));
        let mut overdue = Vec::new();
        for (name, key_set) in [("access", &self.access), ("refresh", &self.refresh)] {
            let current = key_set.secret.current().await?;
            if rotation::is_overdue(&KeySetDocument::from_json(&current.text)?, period, now) {
                overdue.push(AuditEvent::new(Event::KeyOverdue).field("key_set", name));
            }
        }
        Ok(overdue)
    }

    async fn step(
        &self,
        event: &RotationEvent,
        now: Timestamp,
    ) -> Result<Option<(&'static str, Promoted)>, RotateKeysError> {
        // Boxed, because a step's future is large and the runtime moves it.
        let (name, promoted) = if event.secret == self.access.name {
            let secret = &self.access.secret;
            let taken = Box::pin(take::<Access>(event, self.algorithm, now, secret, &self.public_keys));
            ("access", taken.await?)
        } else if event.secret == self.refresh.name {
            let secret = &self.refresh.secret;
            let taken = Box::pin(take::<Refresh>(event, Algorithm::HS256, now, secret, &self.public_keys));
            ("refresh", taken.await?)
        } else {
            return Err(RotateKeysError::ForeignSecret);
        };
        Ok(promoted.map(|promoted| (name, promoted)))
    }
}

/// Runs one step. Returns the newest key of the key set if this is the last step and it made the key set current.
/// Returns `None` for the other steps, and if the key set was current already.
async fn take<K: TokenKind>(
    RotationEvent { step, id, .. }: &RotationEvent,
    algorithm: Algorithm,
    now: Timestamp,
    versions: &Secret,
    public_keys: &(impl PublishKeySet<K> + ConfirmKeySet<K>),
) -> Result<Option<Promoted>, RotationError> {
    match step {
        Step::Create => steps::create::<K>(id, algorithm, now, &mut config::random(), versions).await?,
        Step::Set => steps::publish(id, versions, public_keys).await?,
        Step::Test => steps::test(id, now, versions, public_keys).await?,
        Step::Finish => return steps::finish(id, versions, public_keys).await,
    }
    Ok(None)
}

impl<C: Clock> Invoke for RotateKeys<C> {
    /// Runs one step of a rotation, or checks the key sets.
    ///
    /// # Errors
    /// If the event is neither a rotation of these secrets nor a check, or if the step or the check fails. Secrets
    /// Manager or Lambda then tries again.
    async fn invoke(
        &self,
        payload: &str,
        request_id: String,
        xray_trace_id: Option<String>,
    ) -> Result<Value, FunctionError> {
        let call = self.audit.begin(self.clock.now(), request_id, xray_trace_id);
        match self.handle(payload, call.now.timestamp()).await {
            Ok(events) => {
                for event in events {
                    self.audit.write(&call, event);
                }
                Ok(Value::Null)
            }
            Err(fault) => {
                let failed = AuditEvent::new(Event::KeyRotationFailed);
                self.audit.write(&call, failed.field("cause", &fault.to_string()));
                Err(FunctionError::new(&fault.to_string()))
            }
        }
    }
}

fn rotation_event(key_set: &str, promoted: &Promoted) -> AuditEvent {
    AuditEvent::new(Event::KeyRotated)
        .field("key_set", key_set)
        .field("kid", promoted.newest.as_str())
        .field("activates_at", &promoted.activates_at.get().to_string())
}
