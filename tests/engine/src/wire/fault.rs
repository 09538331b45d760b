//! The faults that a wire can cause.

use std::time::Duration;

use hyper::StatusCode;

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The engine refuses the call with this status and error code.
    Refused(StatusCode, &'static str),
    /// No answer ever arrives, and the call has no effect.
    Silent,
    /// No answer ever arrives, but the call takes effect.
    SilentAfterEffect,
    /// The connection breaks, and the call has no effect.
    Broken,
    /// The connection breaks, but the call takes effect.
    BrokenAfterEffect,
    /// The call reaches the engine only after this time, so its answer is late.
    Slow(Duration),
    /// For each table, this many writes of a batch are done, and the others are returned as unprocessed.
    Unprocessed(usize),
}
