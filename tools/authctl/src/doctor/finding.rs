//! What an examination found.

use serde::Serialize;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Ok,
    /// It works, and may be better.
    Warning,
    /// It could not be examined.
    Unknown,
    /// It does not work.
    Problem,
}

impl State {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Problem => "problem",
        }
    }
}

/// A fact, and what to do about it.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// What was examined.
    pub(super) check: &'static str,
    pub(super) state: State,
    pub(super) fact: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, fact: impl Into<String>) -> Self {
        Self::new(check, State::Ok, fact, None)
    }

    pub(super) fn warning(check: &'static str, fact: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, State::Warning, fact, Some(advice.into()))
    }

    pub(super) fn problem(check: &'static str, fact: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, State::Problem, fact, Some(advice.into()))
    }

    /// Returns the finding of something that could not be examined for this reason.
    pub(super) fn unknown(check: &'static str, why: impl Into<String>) -> Self {
        Self::new(check, State::Unknown, why, None)
    }

    fn new(check: &'static str, state: State, fact: impl Into<String>, advice: Option<String>) -> Self {
        #[cfg(test)]
        crate::advice::check(advice.as_slice());
        Self {
            check,
            state,
            fact: fact.into(),
            advice,
        }
    }

    /// Returns the finding for people, in one line or two.
    pub(super) fn text(&self) -> String {
        let Self {
            check,
            state,
            fact,
            advice,
        } = self;
        let advice = advice.iter().map(|advice| format!("\n{:26}{advice}", ""));
        format!(
            "{:<8}  {check:<14}  {fact}{}",
            state.as_str(),
            advice.collect::<String>()
        )
    }
}
