//! The operators' log of a local stack: a file in the folder of the stack.

use std::{fs::OpenOptions, io::Write as _, path::PathBuf};

use anyhow::Context as _;
use config::Environment;
use store::open_private;

use crate::arguments::Target;

/// The name of the file.
const FILE: &str = "operators.log";
/// The variables in which systems have the name of the user, in the order in which they are read.
const USER: [&str; 3] = ["LOGNAME", "USER", "USERNAME"];

/// The file with the acts of operators, one line each.
#[derive(Debug)]
pub(super) struct LocalLog {
    pub(super) user: String,
    file: PathBuf,
}

impl LocalLog {
    pub(super) fn new(target: &Target) -> anyhow::Result<Self> {
        let environment = Environment::from_process();
        let mut names = USER.into_iter().filter_map(|name| environment.get(name).transpose());
        let user = names.next().transpose()?.unwrap_or("unknown").to_owned();
        Ok(Self {
            user,
            file: target.local_folder()?.join(FILE),
        })
    }

    /// Appends a line. Only its owner can read a new file.
    pub(super) fn append(&self, line: &str) -> anyhow::Result<()> {
        let cannot = || {
            format!(
                "cannot write {}: pass --keys with the folder of the stack's keys",
                self.file.display()
            )
        };
        let opened = open_private(OpenOptions::new().append(true).create(true), &self.file);
        // One write, so that the lines of two commands do not mix.
        let written = opened.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        written.with_context(cannot)
    }
}
