//! A mail that was caught.

use claims::Moment;
use serde::{Deserialize, Serialize};

use super::{request::Letter, text};

/// A mail that was caught. It is JSON in the same form in the stack's folder and at `/_mail/messages.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The id, which the function gets as `MessageId`.
    pub id: String,
    /// The recipient, or several recipients separated by commas.
    pub to: String,
    /// The sender.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// The body as text, if the mail has one.
    pub text: Option<String>,
    /// The body as HTML, if the mail has one.
    pub html: Option<String>,
    /// The value of the mail's tag `purpose`, if it has one.
    pub purpose: Option<String>,
    /// The time at which the mail was caught, in milliseconds since the Unix epoch.
    pub at: u64,
}

impl Message {
    pub(super) fn new(id: String, letter: Letter, now: Moment) -> Self {
        let Letter {
            to,
            from,
            subject,
            text,
            html,
            purpose,
        } = letter;
        Self {
            id,
            to,
            from,
            subject,
            text,
            html,
            purpose,
            at: now.get(),
        }
    }

    /// Returns the first link in the text.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        text::link(self.text.as_deref()?)
    }

    /// Returns the first code in the text, as it stands there: eight digits, perhaps in two groups.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        text::code(self.text.as_deref()?)
    }

    /// Returns a mail for tests.
    #[cfg(test)]
    pub(super) fn example() -> Self {
        Self {
            id: "1".to_owned(),
            to: "ada@example.com".to_owned(),
            from: "login@localhost".to_owned(),
            subject: "First".to_owned(),
            text: Some("Open http://localhost:3000/r?token=a&b.".to_owned()),
            html: Some("<p>Html".to_owned()),
            purpose: Some("register".to_owned()),
            at: 1_700_000_000_000,
        }
    }

    /// Returns the lines for the terminal. They have no control characters, with which a mail could change the
    /// terminal.
    pub(super) fn lines(&self) -> String {
        let first = format!("mail to {}: {}", visible(&self.to), visible(&self.subject));
        let found = [("link", self.link()), ("code", self.code())];
        let others = found
            .into_iter()
            .filter_map(|(name, found)| Some(format!("  {name}  {}", visible(found?))));
        std::iter::once(first).chain(others).collect::<Vec<_>>().join("\n")
    }
}

/// Escapes the characters that a terminal does not show: those that control it, and those that change the direction of
/// the text.
fn visible(text: &str) -> String {
    let is_shown = |letter: char| {
        !letter.is_control()
            && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let mut shown = String::new();
    for letter in text.chars() {
        if is_shown(letter) {
            shown.push(letter);
        } else {
            shown.extend(letter.escape_default());
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_shows_recipient_subject_link_and_code() {
        let message = message(
            "Finish",
            Some("Open http://localhost:3000/r?token=a\n\nor type 1234 5678"),
        );

        assert_eq!(
            message.lines(),
            "mail to ada@example.com: Finish\n  link  http://localhost:3000/r?token=a\n  code  1234 5678"
        );
    }

    #[test]
    fn a_mail_without_link_and_code_has_one_line() {
        assert_eq!(
            message("Notice", Some("Hello")).lines(),
            "mail to ada@example.com: Notice"
        );
        assert_eq!(message("Notice", None).lines(), "mail to ada@example.com: Notice");
    }

    #[test]
    fn a_mail_cannot_change_the_terminal() {
        let message = message("\u{1b}[2J\n\u{202e}ü", None);

        assert_eq!(message.lines(), "mail to ada@example.com: \\u{1b}[2J\\n\\u{202e}ü");
    }

    fn message(subject: &str, text: Option<&str>) -> Message {
        Message {
            subject: subject.to_owned(),
            text: text.map(str::to_owned),
            ..Message::example()
        }
    }
}
