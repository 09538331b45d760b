//! The operators' log of the stack, which `authctl --local` writes.

use std::{convert::Infallible, path::PathBuf, time::Duration};

use tokio::time::sleep;

use super::Log;
use crate::private_file;

/// The name of the file, in the folder of the stack.
pub(crate) const OPERATORS: &str = "operators.log";
/// The pause between two looks at the file.
const PAUSE: Duration = Duration::from_millis(300);

/// A file that other processes append lines to.
#[derive(Debug)]
pub(crate) struct OperatorsLog {
    file: PathBuf,
    /// The number of bytes that were read.
    read: usize,
}

impl OperatorsLog {
    /// Returns the file from its current end on. It may be missing.
    pub(crate) fn from_end(file: PathBuf) -> Self {
        let mut log = Self { file, read: 0 };
        log.read = log.length();
        log
    }

    /// Shows each new line, forever. If the file cannot be read, says so once and shows nothing more, because the stack
    /// does not need it.
    pub(crate) async fn show(mut self, log: &Log) -> Infallible {
        loop {
            match self.new_lines() {
                Ok(lines) => lines.iter().for_each(|line| log.operator(line)),
                Err(fault) => {
                    (log.notice)(&format!("acts of operators are not shown: {fault:#}"));
                    return std::future::pending().await;
                }
            }
            sleep(PAUSE).await;
        }
    }

    /// Returns the lines that were added since the last call. A line without its end is left for the next call.
    fn new_lines(&mut self) -> anyhow::Result<Vec<String>> {
        if self.length() == self.read {
            return Ok(Vec::new());
        }
        let file = private_file::read(&self.file)?.unwrap_or_default();
        // Someone may have emptied the file.
        let new = file.get(self.read..).unwrap_or(&file);
        let whole = new.rfind('\n').map_or("", |end| new.get(..=end).unwrap_or_default());
        self.read = file.len().saturating_sub(new.len()).saturating_add(whole.len());
        Ok(whole.lines().map(str::to_owned).collect())
    }

    /// Returns the length of the file in bytes.
    fn length(&self) -> usize {
        let length = self.file.metadata().map_or(0, |file| file.len());
        usize::try_from(length).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::*;

    #[test]
    fn each_line_is_read_once_and_whole() {
        let file = std::env::temp_dir().join(format!("gatehouse-operators-{}", std::process::id()));
        fs::write(&file, "before the start\n").unwrap();
        let mut log = OperatorsLog::from_end(file.clone());
        let append = |text: &str| {
            let mut file = fs::OpenOptions::new().append(true).open(&file).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        };

        let mut seen = vec![log.new_lines().unwrap()];
        append("one\ntw");
        seen.push(log.new_lines().unwrap());
        append("o\n");
        seen.push(log.new_lines().unwrap());
        fs::remove_file(&file).unwrap();
        seen.push(log.new_lines().unwrap());
        fs::write(&file, "new\n").unwrap();
        seen.push(log.new_lines().unwrap());

        fs::remove_file(&file).unwrap();
        assert_eq!(seen, [vec![], vec!["one"], vec!["two"], vec![], vec!["new"]]);
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_ends_nothing() {
        let folder = std::env::temp_dir().join(format!("gatehouse-no-operators-{}", std::process::id()));
        let file = folder.join(OPERATORS);
        let log = Log::in_folder(&folder, |_| {}).unwrap();
        fs::write(&file, b"\xff\n").unwrap();
        let operators = OperatorsLog { file, read: 0 };

        let shown = tokio::time::timeout(Duration::from_millis(50), operators.show(&log)).await;

        fs::remove_dir_all(&folder).unwrap();
        assert!(shown.is_err());
    }
}
