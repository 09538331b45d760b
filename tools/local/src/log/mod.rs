//! What an operator would see of the service: the access log of the gateway, the log lines of the functions, and what
//! operators did. People see all of it in the terminal, and programs read it from files.

mod access;
mod event;
mod operators;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use self::event::EventLine;
pub(crate) use self::{
    access::{Access, Entry},
    operators::{OPERATORS, OperatorsLog},
};
use crate::private_file;

/// The file of the access log, in the folder of the log.
pub(crate) const ACCESS: &str = "access.jsonl";
/// The file of the functions' lines, in the folder of the log.
pub(crate) const FUNCTIONS: &str = "functions.jsonl";
/// The length in bytes from which on a file is emptied when the stack starts.
const MAX_FILE: u64 = 10_000_000;
/// A line of the Lambda runtime about every process, which says nothing to a contributor.
const NOISE: &str = "AWS_LAMBDA_MAX_CONCURRENCY is set to '1'";

/// The logs of a stack.
#[derive(Clone, Debug)]
pub struct Log {
    folder: PathBuf,
    notice: fn(&str),
}

impl Log {
    /// Returns the logs in this folder, which is created if it is missing. `notice` gets each line for people.
    ///
    /// # Errors
    /// If the folder or a file cannot be written.
    pub fn in_folder(folder: &Path, notice: fn(&str)) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        for name in [ACCESS, FUNCTIONS] {
            let path = folder.join(name);
            if path.metadata().is_ok_and(|file| file.len() > MAX_FILE) {
                private_file::replace(&path, "")?;
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            notice,
        })
    }

    /// Adds an entry to the access log, in the format of the template.
    pub(crate) fn access(&self, entry: &Entry, format: &str) {
        (self.notice)(&entry.readable());
        self.append(ACCESS, &entry.render(format));
    }

    /// Adds a line that a function wrote. What is not a log line is only shown.
    pub(crate) fn function(&self, line: &str) {
        match EventLine::read(line) {
            Some(event) => {
                if let Some(readable) = event.readable() {
                    (self.notice)(&readable);
                }
                self.append(FUNCTIONS, line);
            }
            None if line.contains(NOISE) => {}
            None => (self.notice)(line),
        }
    }

    /// Shows what an operator did. The line is in the operators' log already.
    pub(crate) fn operator(&self, line: &str) {
        if let Some(readable) = EventLine::read(line).and_then(|event| event.readable()) {
            (self.notice)(&readable);
        }
    }

    fn append(&self, name: &str, line: &str) {
        if let Err(fault) = private_file::append(&self.folder.join(name), line) {
            (self.notice)(&format!("{fault:#}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_functions_are_kept_and_other_output_is_not() {
        let folder = std::env::temp_dir().join(format!("gatehouse-log-{}", std::process::id()));
        let log = Log::in_folder(&folder, |_| {}).unwrap();

        log.function(r#"{"message":"logout","_aws":{}}"#);
        log.function("thread 'main' panicked");

        let kept = std::fs::read_to_string(folder.join(FUNCTIONS)).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(kept, "{\"message\":\"logout\",\"_aws\":{}}\n");
    }

    #[test]
    fn a_long_file_is_emptied_at_the_next_start() {
        let folder = std::env::temp_dir().join(format!("gatehouse-long-log-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (long, short) = (folder.join(ACCESS), folder.join(FUNCTIONS));
        std::fs::write(&long, " ".repeat(10_000_001)).unwrap();
        std::fs::write(&short, "{}\n").unwrap();

        Log::in_folder(&folder, |_| {}).unwrap();

        let lengths = [&long, &short].map(|path| path.metadata().unwrap().len());
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(lengths, [0, 3]);
    }
}
