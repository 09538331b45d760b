//! The core and the priority of the measured processes, and the description of the machine that is printed with the
//! figures.

use std::{fs, os::unix::process::CommandExt as _, process::Command};

use anyhow::Context as _;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The core of the measured processes and of the stub.
const CORE: usize = 1;
/// The core of the store, and of all other work that must not delay a measured process.
const OTHER: usize = 0;
/// The argument that this program passes to itself when it runs itself again with a fixed priority.
pub(crate) const PRIORITY: &str = "--with-priority";

/// Replaces this process with the same program at a fixed priority above other work. Returns only if that is not
/// permitted or fails.
pub(crate) fn raise_priority() {
    let permitted = Command::new("chrt").args(["-r", "1", "true"]).output();
    if !permitted.is_ok_and(|output| output.status.success()) {
        return;
    }
    let Ok(own) = std::env::current_exe() else { return };
    let arguments = std::env::args_os().skip(1);
    let _not_started = Command::new("chrt")
        .args(["-r", "1"])
        .arg(own)
        .args(arguments)
        .arg(PRIORITY)
        .exec();
}

/// Moves this thread, and all that it starts, to the core of the measured processes. Returns `false` if that is not
/// possible.
pub(crate) fn enter_core() -> bool {
    move_to(CORE)
}

/// Moves this thread, and all that it starts, to the core that the measured processes do not use. Returns `false` if
/// that is not possible.
pub(crate) fn leave_core() -> bool {
    move_to(OTHER)
}

fn move_to(core: usize) -> bool {
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(None, &set).is_ok()
}

/// Prints what the figures depend on: the machine, its load, versions and the commit.
///
/// # Errors
/// If `/proc` cannot be read.
pub(crate) fn print(has_priority: bool, is_pinned: bool) -> anyhow::Result<()> {
    let processor = fs::read_to_string("/proc/cpuinfo")?;
    let model = processor.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown", |model| model.trim_start_matches([' ', '\t', ':']));
    let cores = sched_getaffinity(None).map_or(0, |set| set.count());
    let load = load()?;
    println!(
        "- machine: {model}, {} cores, Linux {}",
        available(),
        version("uname", &["-r"])
    );
    let place = if is_pinned {
        "on one core"
    } else {
        "NOT PINNED to one core"
    };
    let priority = if has_priority {
        "`chrt -r 1`"
    } else {
        "WITHOUT a fixed priority"
    };
    println!("- measured processes: {place} ({cores} allowed here), {priority}; load at the start: {load}");
    println!(
        "- versions: {}; Node {}",
        version("rustc", &["--version"]),
        version("node", &["--version"])
    );
    let changed = !version("git", &["status", "--porcelain"]).is_empty();
    let changed = if changed { ", with changes" } else { "" };
    println!(
        "- commit: {}{changed}",
        version("git", &["rev-parse", "--short=12", "HEAD"])
    );
    Ok(())
}

/// Returns the load averages.
///
/// # Errors
/// If `/proc` cannot be read.
pub(crate) fn load() -> anyhow::Result<String> {
    let text = fs::read_to_string("/proc/loadavg")?;
    let (averages, _) = text.rsplit_once(' ').context("an unknown loadavg")?;
    Ok(averages.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

fn available() -> usize {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    processors.lines().filter(|line| line.starts_with("processor")).count()
}

/// Returns the first line that a program prints, or an empty string if the program cannot be run.
fn version(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines().next().unwrap_or_default().to_owned()
}
