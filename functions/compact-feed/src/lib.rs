//! Writes a snapshot of the revocations, so that a starting authorizer does not have to read an hour of announcements.
//! The function runs every minute, and writes only if there are enough new revocations.

use auth::feed::Compaction;
use claims::Clock;
use config::{ConfigError, Environment};
use reads::FeedReads;
use runtime::{Audit, AuditEvent, Event, FunctionError, Invoke};
use serde_json::Value;
use store::{Aws, SnapshotTable};

/// The `compact-feed` function, which is made once per process.
#[derive(Debug)]
pub struct CompactFeed<C> {
    feed: FeedReads,
    snapshots: SnapshotTable,
    clock: C,
    audit: Audit,
}

impl<C: Clock> CompactFeed<C> {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid.
    pub fn new(environment: &Environment, aws: &Aws, clock: C, audit: Audit) -> Result<Self, ConfigError> {
        let feed = environment.authorizer_feed_table()?;
        Ok(Self {
            feed: FeedReads::new(reads::Aws::from_environment(environment)?, feed),
            snapshots: SnapshotTable::new(aws.dynamodb(), environment.feed_snapshots_table()?),
            clock,
            audit,
        })
    }
}

impl<C: Clock> Invoke for CompactFeed<C> {
    /// Writes a snapshot if there are enough new announcements. The event is ignored.
    ///
    /// # Errors
    /// If a table cannot be read or written. The invocation of the next minute tries again.
    async fn invoke(&self, _: &str, request_id: String, xray_trace_id: Option<String>) -> Result<Value, FunctionError> {
        let call = self.audit.begin(self.clock.now(), request_id, xray_trace_id);
        // Boxed, because the future of a whole use case is large.
        let outcome = Box::pin(auth::feed::compact_feed(call.now, &self.feed, &self.snapshots)).await;
        match &outcome {
            Ok(Compaction::Written { revocations, bytes }) => {
                let written = AuditEvent::new(Event::FeedCompacted);
                let written = written.field("revocations", &revocations.to_string());
                self.audit.write(&call, written.field("bytes", &bytes.to_string()));
            }
            Ok(Compaction::Short | Compaction::Overtaken) => {}
            Err(fault) => {
                let failed = AuditEvent::new(Event::FeedCompactionFailed);
                self.audit.write(&call, failed.field("cause", &fault.to_string()));
            }
        }
        outcome
            .map(|_| Value::Null)
            .map_err(|fault| FunctionError::new(&fault.to_string()))
    }
}
