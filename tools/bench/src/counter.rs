//! Programs that count the instructions of a process.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    thread,
};

use anyhow::Context as _;
use config::Environment;
use rustix::fs::{CWD, Mode, mkfifoat};

use crate::{
    measure::{Contender, serve},
    subject::Subject,
};

/// The C library for programs of the other architecture, where Debian's package `libc6-arm64-cross` installs it.
const LIBRARIES: &str = "/usr/aarch64-linux-gnu";
/// How a line of qemu begins that reports the execution of a piece of the program.
const EXECUTED: &[u8] = b"Trace ";

/// A program that counts instructions.
#[derive(Debug)]
pub(crate) enum Counter {
    /// Counts those of programs for this machine.
    Valgrind(PathBuf),
    /// Runs programs for arm64 on any machine. It reports each instruction, because no piece has more than one.
    Qemu(PathBuf),
}

impl Counter {
    /// # Errors
    /// If Valgrind is not installed.
    pub(crate) fn valgrind() -> anyhow::Result<Self> {
        let found = find("valgrind").context("Valgrind is not installed: run `apt-get install valgrind`")?;
        Ok(Self::Valgrind(found))
    }

    /// # Errors
    /// If qemu or the C library for arm64 is not installed.
    pub(crate) fn qemu() -> anyhow::Result<Self> {
        let found = find("qemu-aarch64").filter(|_| Path::new(LIBRARIES).exists());
        let missing = "qemu is not installed: run `apt-get install qemu-user libc6-arm64-cross`";
        Ok(Self::Qemu(found.context(missing)?))
    }

    /// Returns the number of instructions of a process that starts, answers this many invocations and ends.
    ///
    /// # Errors
    /// If the process cannot be started, ends, fails, or gives a wrong answer, or nothing is counted.
    pub(crate) fn count(&self, contender: &mut Contender, invocations: usize) -> anyhow::Result<u64> {
        let report = std::env::temp_dir().join(format!("bench-{}.instructions", std::process::id()));
        let counted = self.count_into(&report, contender, invocations);
        let removed = fs::remove_file(&report);
        let counted = counted?;
        removed?;
        Ok(counted)
    }

    /// Counts with the help of a file, which is there afterwards.
    fn count_into(&self, report: &Path, contender: &mut Contender, invocations: usize) -> anyhow::Result<u64> {
        let file = report.display().to_string();
        match self {
            Self::Valgrind(program) => {
                let output = format!("--callgrind-out-file={file}");
                serve_under(
                    program,
                    &["--quiet", "--tool=callgrind", &output],
                    contender,
                    invocations,
                )?;
                let profile = fs::read_to_string(report).context("Valgrind wrote no profile")?;
                total(&profile).context("the profile has no total")
            }
            Self::Qemu(program) => {
                // The report is too long for a disk, so it is counted as it is written.
                mkfifoat(CWD, report, Mode::RUSR | Mode::WUSR)?;
                let reader = thread::spawn({
                    let report = report.to_owned();
                    move || executed(File::open(report)?)
                });
                let options = ["-L", LIBRARIES, "-singlestep", "-d", "exec,nochain", "-D", &file];
                serve_under(program, &options, contender, invocations)?;
                reader.join().ok().context("the report of qemu could not be read")?
            }
        }
    }
}

/// Runs a contender as the argument of another program.
fn serve_under(program: &Path, options: &[&str], contender: &mut Contender, invocations: usize) -> anyhow::Result<()> {
    let mut command = vec![program.display().to_string()];
    command.extend(options.iter().map(|option| (*option).to_owned()));
    command.extend(contender.subject.command.clone());
    let subject = Subject {
        command,
        ..contender.subject.clone()
    };
    serve(&subject, contender.requests.as_mut(), invocations)?.end()
}

/// Returns the total of a profile: its only event is the execution of an instruction.
fn total(profile: &str) -> Option<u64> {
    let line = profile.lines().find_map(|line| line.strip_prefix("totals: "))?;
    line.trim().parse().ok()
}

/// Returns the number of instructions in a report of qemu.
fn executed(report: impl Read) -> anyhow::Result<u64> {
    let (mut report, mut line, mut count) = (BufReader::new(report), Vec::new(), 0);
    while report.read_until(b'\n', &mut line)? > 0 {
        count += u64::from(line.starts_with(EXECUTED));
        line.clear();
    }
    Ok(count)
}

fn find(program: &str) -> Option<PathBuf> {
    let environment = Environment::from_process();
    let path = environment.get("PATH").ok()??;
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(program));
    places.find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_found_in_a_profile() {
        let profile = "version: 1\nevents: Ir\nsummary: 123\n\nfn=(1)\n0 123\n\ntotals: 123\n";

        assert_eq!(total(profile), Some(123));
        assert_eq!(total("events: Ir\n"), None);
    }

    #[test]
    fn each_executed_piece_is_one_instruction() {
        let report = "IN: main\nTrace 0: 0x7f [00/01]\nLinking TBs\nTrace 0: 0x80 [00/02]\n";

        assert_eq!(executed(report.as_bytes()).unwrap(), 2);
    }
}
