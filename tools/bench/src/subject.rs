//! What is measured: a program with its environment, and the requests that it is sent.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context as _;
use rustix::fs::{Advice, fadvise};

use crate::process::Running;

/// A program that answers invocations.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The name in the tables.
    pub(crate) name: String,
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    /// The deployed files: the binary, or the bundle that Node runs.
    pub(crate) files: Vec<PathBuf>,
    /// The program's environment, without the variables that Lambda sets.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Subject {
    /// Returns the subject that runs a binary with this environment.
    pub(crate) fn binary(name: &str, path: PathBuf, environment: BTreeMap<String, String>) -> Self {
        Self {
            name: name.to_owned(),
            command: vec![path.display().to_string()],
            files: vec![path],
            environment,
        }
    }

    /// Copies the files into a folder, and returns a subject that runs the copies. The time of a start depends on how
    /// the kernel caches a file. After one write, the kernel caches the file in large pieces. If the file is dropped
    /// from the cache and read again, the pieces are small. New copies are cached in the same way for all subjects.
    ///
    /// # Errors
    /// If a file cannot be copied.
    pub(crate) fn copy(&self, folder: &Path) -> anyhow::Result<Self> {
        let mut copy = self.clone();
        fs::create_dir_all(folder)?;
        for path in &mut copy.files {
            let content = fs::read(&*path).with_context(|| format!("cannot read {}", path.display()))?;
            let to = folder.join(path.file_name().context("a file has no name")?);
            let mut file = File::create(&to)?;
            file.write_all(&content)?;
            file.set_permissions(path.metadata()?.permissions())?;
            file.sync_all()?;
            let (from, into) = (path.display().to_string(), to.display().to_string());
            for word in copy.command.iter_mut().filter(|word| **word == from) {
                word.clone_from(&into);
            }
            *path = to;
        }
        Ok(copy)
    }

    /// Starts the program with the Runtime API at this address.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub(crate) fn start(&self, api: &str) -> anyhow::Result<Running> {
        let (program, arguments) = self.command.split_first().context("no program")?;
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(lambda())
            .envs(&self.environment)
            .env("AWS_LAMBDA_RUNTIME_API", api)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Ok(Running::new(child.with_context(|| format!("cannot start {program}"))?))
    }

    /// Drops the deployed files from the page cache, so that the next start is like one on a worker that has never run
    /// them.
    ///
    /// # Errors
    /// If a file cannot be opened, or the kernel refuses the request.
    pub(crate) fn drop_pages(&self) -> anyhow::Result<()> {
        for path in &self.files {
            let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            fadvise(&file, 0, None, Advice::DontNeed)?;
        }
        Ok(())
    }
}

/// The requests to a subject.
pub(crate) trait Requests {
    /// Returns the next event.
    ///
    /// # Errors
    /// If the event cannot be made.
    fn next_event(&mut self) -> anyhow::Result<String>;

    /// Checks the answer to the last event.
    ///
    /// # Errors
    /// If the answer is not the expected one.
    fn check(&mut self, answer: &str) -> anyhow::Result<()>;
}

/// Returns the variables that Lambda sets.
fn lambda() -> [(&'static str, &'static str); 9] {
    [
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2023/11/14/[1]0123456789abcdef"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_SECRET_ACCESS_KEY", "example"),
        ("AWS_SESSION_TOKEN", "example"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_runs_its_own_files() {
        let folder = std::env::temp_dir().join(format!("bench-{}", std::process::id()));
        let (original, copies) = (folder.join("program"), folder.join("copies"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(&original, "content").unwrap();
        let subject = Subject::binary("it", original.clone(), BTreeMap::new());

        let copy = subject.copy(&copies).unwrap();
        fs::remove_file(&original).unwrap();

        assert_eq!(copy.command, [copies.join("program").display().to_string()]);
        assert_eq!(fs::read_to_string(&copy.files[0]).unwrap(), "content");
        fs::remove_dir_all(&folder).unwrap();
    }
}
