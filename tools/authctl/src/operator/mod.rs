//! The record of what operators do: who, what, to whom and why, as lines in the format of the functions.
//!
//! An act has two lines. `operator.began` is written before the change, and without it nothing is changed: a line that
//! came only afterwards would be missing if the log or this process failed in between. The second line says what became
//! of the act. If it is missing, the act may have been done.

mod arguments;
mod cloud_log;
mod line;
mod local_log;

use anyhow::Context as _;
use claims::{Clock as _, Moment, TokenId};
use config::SystemClock;
use runtime::{AuditEvent, Event};

use self::{cloud_log::CloudLog, line::line_of, local_log::LocalLog};
use crate::{arguments::Target, hint, output};

pub(crate) use self::{
    arguments::Recording,
    cloud_log::{LOGS_ENDPOINT, unavailable},
};

/// An act on record that has begun.
#[derive(Debug)]
pub(crate) struct Act<'a> {
    event: AuditEvent,
    /// The id of the act, which all its lines have.
    id: String,
    /// The log, or `None` if the act is not recorded.
    log: Option<Log>,
    target: &'a Target,
}

/// The log of the operators.
#[derive(Debug)]
enum Log {
    Cloud(CloudLog),
    Local(LocalLog),
}

impl<'a> Act<'a> {
    /// Records that an operator is about to act. `event` is what the act will have been.
    ///
    /// # Errors
    /// If the log cannot be written. Then the caller must change nothing.
    pub(crate) async fn begin(event: AuditEvent, recording: &Recording, target: &'a Target) -> anyhow::Result<Self> {
        const UNWRITTEN: &str = "nothing was changed, because the operators' log could not be written: pass --unrecorded \
                                 to act without a record";
        let event = match recording.reason() {
            Some(reason) => event.field("why", reason),
            None => event,
        };
        if recording.unrecorded {
            output::print_note("warning: this is not recorded");
            return Ok(Self {
                event,
                id: String::new(),
                log: None,
                target,
            });
        }
        let log = Log::open(target).await.context(UNWRITTEN)?;
        let act = Self {
            event: event.field("who", log.operator()),
            id: TokenId::draw(log.now(), &mut config::random()).to_string(),
            log: Some(log),
            target,
        };
        act.write(act.with_fields(Event::OperatorBegan))
            .await
            .context(UNWRITTEN)?;
        Ok(act)
    }

    /// Records what became of the act, and returns its result. If only this line cannot be written, a warning is printed:
    /// the change was made, and its beginning is on record.
    ///
    /// # Errors
    /// If the act failed.
    pub(crate) async fn end<T, E: Into<anyhow::Error>>(self, outcome: Result<T, E>) -> anyhow::Result<T> {
        self.end_with(outcome, |event, _| event).await
    }

    /// Does the same as [`Self::end`], with what only the result shows added to the line.
    pub(crate) async fn end_with<T, E: Into<anyhow::Error>>(
        self,
        outcome: Result<T, E>,
        describe: impl FnOnce(AuditEvent, &T) -> AuditEvent,
    ) -> anyhow::Result<T> {
        let outcome = outcome.map_err(Into::into);
        let event = match &outcome {
            Ok(result) => describe(self.event.clone(), result),
            Err(error) => self.failure(error),
        };
        if let Err(error) = self.write(event).await {
            let error = hint::quote(error, self.target).await;
            output::print_note(&format!("warning: the end of this act is not recorded: {error:#}"));
        }
        outcome
    }

    fn failure(&self, error: &anyhow::Error) -> AuditEvent {
        self.with_fields(Event::OperatorFailed)
            .field("cause", &format!("{error:#}"))
    }

    /// Returns another event about this act, with its fields and the name of the act.
    fn with_fields(&self, event: Event) -> AuditEvent {
        let fields = self.event.fields.clone();
        AuditEvent {
            fields,
            ..AuditEvent::new(event)
        }
        .field("act", self.event.name.as_str())
    }

    async fn write(&self, event: AuditEvent) -> anyhow::Result<()> {
        let Some(log) = &self.log else {
            return Ok(());
        };
        let now = log.now();
        log.append(&line_of(event, &self.id, now, log.stack())?, now).await
    }
}

impl Log {
    async fn open(target: &Target) -> anyhow::Result<Self> {
        if target.local {
            return Ok(Self::Local(LocalLog::new(target)?));
        }
        CloudLog::open(target.operators_log()?, target).await.map(Self::Cloud)
    }

    /// Returns who acts: the ARN of the caller, or the name of the system's user.
    fn operator(&self) -> &str {
        match self {
            Self::Cloud(log) => &log.caller,
            Self::Local(log) => &log.user,
        }
    }

    /// Returns the name of the stack, or `None` for the default.
    fn stack(&self) -> Option<&str> {
        match self {
            Self::Cloud(log) => log.stack(),
            Self::Local(_) => None,
        }
    }

    fn now(&self) -> Moment {
        match self {
            Self::Cloud(log) => log.clock.now(),
            Self::Local(_) => SystemClock.now(),
        }
    }

    async fn append(&self, line: &str, now: Moment) -> anyhow::Result<()> {
        match self {
            Self::Cloud(log) => log.append(line, now).await,
            Self::Local(log) => log.append(line),
        }
    }
}
