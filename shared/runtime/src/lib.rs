//! How a function runs in Lambda: its start, its invocations, its log lines and its metrics.
//!
//! ```
//! use std::sync::mpsc;
//!
//! use claims::Moment;
//! use config::Environment;
//! use runtime::{Audit, AuditEvent, Event, Sink};
//!
//! struct Channel(mpsc::SyncSender<String>);
//!
//! impl Sink for Channel {
//!     fn line(&self, line: &str) {
//!         let _ = self.0.send(line.to_owned());
//!     }
//! }
//!
//! let (sender, lines) = mpsc::sync_channel(1);
//! let audit = Audit::new(Environment::from_iter([("SERVICE_NAME", "gatehouse")]).telemetry()?, Channel(sender));
//!
//! let call = audit.begin(Moment::new(1_700_000_000_000), "request-1".to_owned(), None);
//! audit.write(&call, AuditEvent::new(Event::KeysUnread).field("cause", "timed out"));
//!
//! let line = lines.recv()?;
//! assert!(line.contains(r#""message":"keys.unread""#) && line.contains(r#""cause":"timed out""#), "{line}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
mod audit_event;
mod call;
mod event;
mod gateway_request;
mod invoke;
mod sink;
mod start;
mod stream;
mod tally;

pub use audit::{Audit, FIELDS, METRICS};
pub use audit_event::{AuditEvent, Level};
pub use call::Call;
pub use event::Event;
pub use gateway_request::GatewayRequest;
pub use invoke::{FunctionError, Invoke};
pub use sink::{Sink, StandardOutput};
pub use start::{StartError, run};
pub use stream::{StreamRecord, failures, parse_stream};
