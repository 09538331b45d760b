//! Puts an event on a bus whenever a user was added, changed or removed. The events follow the stream of the table of
//! users, so each is there exactly if its change was made, by a user or an operator.

mod detail;

use auth::user::{User, UserEvent};
use bus::{Bus, BusError};
use claims::Clock;
use config::{ConfigError, Environment};
use runtime::{Audit, AuditEvent, Event, FunctionError, Invoke, StreamRecord, failures, parse_stream};
use serde::Deserialize as _;
use serde_dynamo::Item;
use serde_json::Value;
use store::Aws;

use crate::detail::Detail;

/// The `publish-events` function, which is made once per process.
#[derive(Debug)]
pub struct PublishEvents<C> {
    bus: Bus,
    clock: C,
    audit: Audit,
}

/// What a record is about: the user before the change, and after it.
struct Change {
    old: Option<User>,
    new: Option<User>,
}

impl Change {
    /// Reads the two images of a record. Returns `None` if one of them cannot be read.
    fn read(record: &StreamRecord) -> Option<Self> {
        let read = |image: &Option<Value>| match image {
            None => Some(None),
            Some(image) => store::read_user(&Item::deserialize(image).ok()?).ok(),
        };
        Some(Self {
            old: read(&record.old)?,
            new: read(&record.new)?,
        })
    }
}

impl<C: Clock> PublishEvents<C> {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid.
    pub fn new(environment: &Environment, aws: &Aws, clock: C, audit: Audit) -> Result<Self, ConfigError> {
        Ok(Self {
            bus: Bus::new(environment, aws, environment.event_bus()?)?,
            clock,
            audit,
        })
    }

    /// Puts the event of a record on the bus, if there is one. Returns what to log, and whether the record has to be
    /// tried again.
    async fn publish(&self, record: &StreamRecord) -> (Option<AuditEvent>, bool) {
        let Some(Change { old, new }) = Change::read(record) else {
            return (Some(AuditEvent::new(Event::UserEventUnreadable)), false);
        };
        let (Some(event), Some(user)) = (
            UserEvent::between(old.as_ref(), new.as_ref()),
            new.as_ref().or(old.as_ref()),
        ) else {
            return (None, false);
        };
        let detail = Detail::new(record, &event, user);
        let put = self.bus.put(&format!("gatehouse.{}", event.as_str()), &detail).await;
        let logged = |kind| AuditEvent::new(kind).reason(event.as_str()).user(&user.id);
        match put {
            Ok(()) => (Some(logged(Event::UserEventPublished)), false),
            Err(BusError::Refused(cause)) => (Some(logged(Event::UserEventRefused).field("cause", &cause)), false),
            Err(BusError::Unavailable(cause)) => {
                (Some(logged(Event::UserEventUnpublished).field("cause", &cause)), true)
            }
        }
    }
}

impl<C: Clock> Invoke for PublishEvents<C> {
    /// Puts the events of a batch on the bus, in the order of their changes. After the first that fails, the rest of the
    /// batch waits, so that no later event of a user overtakes an earlier one.
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
        for record in parse_stream(payload)? {
            let (event, is_failed) = Box::pin(self.publish(&record)).await;
            if let Some(event) = event {
                self.audit.write(&call, event);
            }
            if is_failed {
                return Ok(failures(&[record.sequence_number]));
            }
        }
        Ok(failures(&[]))
    }
}
