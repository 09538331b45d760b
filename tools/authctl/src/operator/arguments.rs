//! The arguments of every command that changes something: why, and whether the act goes on record.

use std::io::{IsTerminal as _, stdin};

use clap::Args;

use crate::{arguments::Target, confirmation::Unconfirmed};

/// How an act goes on record.
#[derive(Args, Clone, Debug)]
pub(crate) struct Recording {
    /// Why, for the record: a ticket, or how you made sure who asked for it.
    #[arg(long, value_parser = parse_reason)]
    pub(super) reason: Option<String>,
    /// Act without a record, if the operators' log cannot be written.
    #[arg(long)]
    pub(super) unrecorded: bool,
}

impl Recording {
    /// Returns this recording, of an act that ends access, sessions or keys, and so needs a reason. Asks for the reason
    /// if it was not given. On a local stack, no act needs one.
    ///
    /// # Errors
    /// If there is no reason, and nobody at a terminal to ask.
    pub(crate) fn with_reason(self, target: &Target) -> anyhow::Result<Self> {
        if self.reason.is_some() || target.local {
            return Ok(self);
        }
        if !stdin().is_terminal() {
            return Err(Unconfirmed::NoReason.into());
        }
        let typed = inquire::Text::new("Why? This goes on record:").prompt();
        let typed = typed.map_err(|_| Unconfirmed::NoReason)?;
        let reason = parse_reason(&typed).map_err(anyhow::Error::msg)?;
        Ok(Self {
            reason: Some(reason),
            ..self
        })
    }

    /// Returns the reason, if one was given.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// Parses a reason.
fn parse_reason(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_plain = !text.is_empty() && text.len() <= 1_000 && !text.chars().any(char::is_control);
    is_plain
        .then(|| text.to_owned())
        .ok_or("a reason has 1 to 1,000 bytes and no control characters")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(" ticket 4711 ", Some("ticket 4711"))]
    #[case(" ", None)]
    #[case("two\nlines", None)]
    fn a_reason_is_one_line(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(parse_reason(text).ok().as_deref(), expected);
    }
}
