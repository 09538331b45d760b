//! The mails that were caught, in memory and in a file.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;

use super::message::Message;
use crate::private_file;

/// The maximum number of mails that are kept.
const KEPT: usize = 200;

/// The mails that were caught. All its clones have the same mails.
#[derive(Clone, Debug)]
pub struct Mailbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The mails, oldest first.
    messages: Mutex<VecDeque<Message>>,
    /// The file of the mails, with one on each line.
    path: Option<PathBuf>,
    notice: fn(&str),
}

impl Mailbox {
    /// Returns an empty mailbox that is in memory only.
    #[must_use]
    pub fn in_memory() -> Self {
        Self(Arc::new(Inner {
            messages: Mutex::default(),
            path: None,
            notice: |_| {},
        }))
    }

    /// Returns the mailbox in a file, which only its owner can read. `notice` prints the lines about a new mail.
    ///
    /// # Errors
    /// If the file cannot be read, or is malformed.
    pub fn in_file(path: &Path, notice: fn(&str)) -> anyhow::Result<Self> {
        let text = private_file::read(path)?.unwrap_or_default();
        let messages: Result<VecDeque<Message>, _> = text.lines().map(serde_json::from_str).collect();
        let messages =
            messages.with_context(|| format!("{} is malformed: delete it and start again", path.display()))?;
        Ok(Self(Arc::new(Inner {
            messages: Mutex::new(messages),
            path: Some(path.to_owned()),
            notice,
        })))
    }

    /// Returns the mails, newest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let messages = self.0.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.iter().rev().cloned().collect()
    }

    /// Adds a mail, and drops the oldest one if there are too many.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn add(&self, message: &Message) -> anyhow::Result<()> {
        let mut messages = self.0.messages.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = messages.clone();
        next.push_back(message.clone());
        let surplus = next.len().saturating_sub(KEPT);
        next.drain(..surplus);
        if let Some(path) = &self.0.path {
            let lines = next.iter().map(|message| Ok(serde_json::to_string(message)? + "\n"));
            private_file::replace(path, &lines.collect::<anyhow::Result<String>>()?)?;
        }
        *messages = next;
        (self.0.notice)(&message.lines());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_mails_survive_a_restart() {
        let path = path("restart");
        let mailbox = Mailbox::in_file(&path, |_| {}).unwrap();

        for number in 0..=KEPT {
            mailbox.add(&message(&number.to_string())).unwrap();
        }
        let again = Mailbox::in_file(&path, |_| {}).unwrap().messages();

        std::fs::remove_file(&path).unwrap();
        assert_eq!(again.len(), KEPT);
        assert_eq!((again[0].id.as_str(), again[KEPT - 1].id.as_str()), ("200", "1"));
        assert_eq!(again, mailbox.messages());
    }

    #[test]
    fn a_mail_that_is_not_kept_is_an_error() {
        let mailbox = Mailbox::in_file(Path::new("/nowhere/mails.jsonl"), |_| {}).unwrap();

        assert!(mailbox.add(&message("1")).is_err());
        assert_eq!(mailbox.messages(), []);
    }

    #[test]
    fn a_malformed_file_is_reported() {
        let path = path("malformed");
        std::fs::write(&path, "{}\n").unwrap();

        let error = Mailbox::in_file(&path, |_| {}).unwrap_err();

        std::fs::remove_file(&path).unwrap();
        assert!(error.to_string().contains("is malformed: delete it"), "{error}");
    }

    fn path(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("gatehouse-mails-{name}-{}.jsonl", std::process::id()))
    }

    fn message(id: &str) -> Message {
        Message {
            id: id.to_owned(),
            text: Some("Two\nlines".to_owned()),
            ..Message::example()
        }
    }
}
