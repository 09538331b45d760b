//! The end of a command from outside: Ctrl-C, or a request of the system to end.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};

/// The interruptions of this process. From its creation on, none of them ends the process by itself.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Interruptions {
    interrupts: Signal,
    terminations: Signal,
    hangups: Option<Signal>,
}

/// The interruptions of this process. From its creation on, none of them ends the process by itself.
#[cfg(windows)]
#[derive(Debug)]
pub(crate) struct Interruptions {
    interrupts: CtrlC,
    terminations: CtrlBreak,
    closed: CtrlClose,
}

#[cfg(unix)]
impl Interruptions {
    /// Returns the interruptions of a command that goes on after its terminal is closed, if it runs under `nohup`.
    ///
    /// # Errors
    /// If the system does not allow it.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupts: signal(SignalKind::interrupt())?,
            terminations: signal(SignalKind::terminate())?,
            hangups: None,
        })
    }

    /// Returns the interruptions of a command that must clean up when its terminal is closed.
    ///
    /// # Errors
    /// If the system does not allow it.
    pub(crate) fn listen_with_hangups() -> io::Result<Self> {
        Ok(Self {
            hangups: Some(signal(SignalKind::hangup())?),
            ..Self::listen()?
        })
    }

    /// Waits for the next interruption.
    pub(crate) async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangups {
                Some(hangups) => hangups.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupts.recv() => {}
            _ = self.terminations.recv() => {}
            _ = hangup => {}
        }
    }
}

#[cfg(windows)]
impl Interruptions {
    /// Returns the interruptions.
    ///
    /// # Errors
    /// If the system does not allow it.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupts: ctrl_c()?,
            terminations: ctrl_break()?,
            closed: ctrl_close()?,
        })
    }

    /// Does the same as [`Self::listen`]: a closed terminal is always heard here.
    ///
    /// # Errors
    /// If the system does not allow it.
    pub(crate) fn listen_with_hangups() -> io::Result<Self> {
        Self::listen()
    }

    /// Waits for the next interruption.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupts.recv() => {}
            _ = self.terminations.recv() => {}
            _ = self.closed.recv() => {}
        }
    }
}
