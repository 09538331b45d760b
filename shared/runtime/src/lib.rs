//! How a function runs in Lambda: its start, its invocations, its log lines and its metrics.

mod audit;
mod audit_event;
mod call;
mod event;
mod invoke;
mod sink;
mod start;
mod tally;

pub use audit::Audit;
pub use audit_event::{AuditEvent, Level};
pub use call::Call;
pub use event::Event;
pub use invoke::{FunctionError, Invoke};
pub use sink::{Sink, StandardOutput};
pub use start::{StartError, run};
