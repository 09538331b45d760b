//! A measured process: its share of the processor, and what it has used.

use std::{
    fs,
    path::Path,
    process::Child,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

use crate::machine;

/// The processor share of a function with 256 MB.
pub(crate) const QUOTA: f64 = 0.145;
/// The period in which a throttled process runs for its share and is then stopped. Lambda's own period is longer. With
/// a short period, it hardly matters at which point of the period a measurement begins.
const PERIOD: Duration = Duration::from_millis(4);

/// A process that is killed when this value is dropped.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    /// Takes over a process.
    pub(crate) const fn new(child: Child) -> Self {
        Self(child)
    }

    /// Returns whether the process still runs.
    pub(crate) fn lives(&self) -> bool {
        let stat = fs::read_to_string(self.path("stat")).unwrap_or_default();
        // A process that ended is a zombie until its parent has waited for it.
        stat.rsplit_once(')')
            .is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
    }

    /// Returns what the process has used so far.
    ///
    /// # Errors
    /// If the process has ended, or `/proc` has an unknown form.
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        let mut processor = Duration::ZERO;
        for task in fs::read_dir(self.path("task"))?.flatten() {
            let text = fs::read_to_string(task.path().join("schedstat"))?;
            let spent = text.split(' ').next().context("an empty schedstat")?;
            processor += Duration::from_nanos(spent.parse()?);
        }
        let status = fs::read_to_string(self.path("status"))?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .context("no VmHWM")?;
        Ok(Usage {
            processor,
            faults: faults(&fs::read_to_string(self.path("stat"))?).context("an unknown stat")?,
            peak: peak.trim().trim_end_matches(" kB").parse()?,
        })
    }

    /// Asks the process to end.
    ///
    /// # Errors
    /// If it has ended already.
    pub(crate) fn interrupt(&self) -> anyhow::Result<()> {
        Ok(kill_process(Pid::from_child(&self.0), Signal::TERM)?)
    }

    /// Waits until the process has ended, after it was asked to.
    ///
    /// # Errors
    /// If the system cannot wait for it.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        self.0.wait()?;
        Ok(())
    }

    fn path(&self, file: &str) -> std::path::PathBuf {
        Path::new("/proc").join(self.0.id().to_string()).join(file)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

/// What a process has used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// The processor time of all threads that have not ended.
    pub(crate) processor: Duration,
    /// The page faults, with and without a read from the disk.
    pub(crate) faults: u64,
    /// The peak memory, in KiB.
    pub(crate) peak: u64,
}

/// Returns the number of page faults in a process's `stat`, or `None` if it has an unknown form.
fn faults(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(fields.get(7)?.parse::<u64>().ok()? + fields.get(9)?.parse::<u64>().ok()?)
}

/// A throttle, which stops and continues a process so that it gets only the processor share of a function with 256 MB.
/// The throttling ends when this value is dropped.
#[derive(Debug)]
pub(crate) struct Throttle {
    running: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Throttle {
    /// Starts to throttle a process. The process first runs for its share of one period, and is then stopped.
    pub(crate) fn start(process: &Running) -> Self {
        let pid = Pid::from_child(&process.0);
        let running = Arc::new(AtomicBool::new(true));
        let flag = Arc::clone(&running);
        let share = PERIOD.mul_f64(QUOTA);
        let thread = thread::spawn(move || {
            // On the same core, this thread would not run while the process does, and could not stop it.
            machine::leave_core();
            while flag.load(Ordering::Relaxed) {
                let _gone = kill_process(pid, Signal::CONT);
                thread::sleep(share);
                let _gone = kill_process(pid, Signal::STOP);
                thread::sleep(PERIOD.saturating_sub(share));
            }
            let _gone = kill_process(pid, Signal::CONT);
        });
        Self {
            running,
            thread: Some(thread),
        }
    }
}

impl Drop for Throttle {
    fn drop(&mut self) {
        self.running.store(false, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn faults_with_and_without_a_read_are_added() {
        let stat = "7 (a name) with) S 1 7 7 0 -1 4194304 150 0 12 0 1 2 0 0 20 0 1 0 5 1 1";

        assert_eq!(faults(stat), Some(162));
    }

    #[test]
    fn a_process_has_a_usage_until_it_ends() {
        let sleeping = Running::new(Command::new("sleep").arg("60").spawn().unwrap());
        let ended = Running::new(Command::new("true").spawn().unwrap());
        thread::sleep(Duration::from_millis(200));

        assert!(sleeping.lives() && sleeping.usage().unwrap().faults > 0);
        assert!(!ended.lives());
    }
}
