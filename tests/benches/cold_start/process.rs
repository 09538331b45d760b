//! A separate process with its share of the processor, and what it has used.

use std::{
    process::Child,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use rustix::process::{Pid, Signal, kill_process};

use super::{PERIOD, QUOTA};

/// Stops and continues a process, so that it gets only its share of the processor.
pub(super) struct Throttle(Arc<AtomicBool>, thread::JoinHandle<()>);

impl Throttle {
    pub(super) fn start(child: &Child) -> Self {
        let pid = Pid::from_child(child);
        let running = Arc::new(AtomicBool::new(true));
        let flag = Arc::clone(&running);
        let share = PERIOD.mul_f64(QUOTA);
        let thread = thread::spawn(move || {
            while flag.load(Ordering::Relaxed) {
                let _gone = kill_process(pid, Signal::CONT);
                thread::sleep(share);
                let _gone = kill_process(pid, Signal::STOP);
                thread::sleep(PERIOD.saturating_sub(share));
            }
        });
        Self(running, thread)
    }

    pub(super) fn stop(self) {
        self.0.store(false, Ordering::Relaxed);
        self.1.join().unwrap();
    }
}

/// Returns the processor time of this process so far, in milliseconds.
pub(super) fn processor_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, rest) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks: u64 = [11, 12]
        .map(|field: usize| fields[field].parse::<u64>().unwrap())
        .iter()
        .sum();
    ticks * 10
}

/// Returns the peak memory of this process, in KB.
pub(super) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
