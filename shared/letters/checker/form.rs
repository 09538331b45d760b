//! The letters and their variables.

/// One kind of letter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// The name of its files.
    pub(crate) name: &'static str,
    /// The variables of its text, besides `service`.
    pub(crate) variables: &'static [&'static str],
}

/// A part of a letter, which has its own file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Subject,
    Text,
    Html,
}

/// What a template must have.
#[derive(Clone, Debug)]
pub(crate) struct Requirements {
    /// The part that it is, or is around.
    pub(crate) part: Part,
    /// The variables that it must use. It must not use others.
    pub(crate) variables: Vec<&'static str>,
}

/// The variable that a letter may lack.
pub(crate) const OPTIONAL: &str = "code";

/// The variable that every letter has: the name of the service.
const SERVICE: &str = "service";

/// Every letter. The order does not matter.
pub(crate) const FORMS: [Form; 20] = [
    form("register", &["link", OPTIONAL]),
    form("registered", &["link", "login"]),
    form("reset", &["link", OPTIONAL]),
    form("invite", &["link"]),
    form("address-old", &["link"]),
    form("address-new", &["link"]),
    form("address-taken", &[]),
    form("test", &[]),
    form("notice-password-changed", &["at", "forgot"]),
    form("notice-password-reset", &["at", "forgot"]),
    form("notice-address-changed", &["at"]),
    form("notice-theft", &["at", "forgot"]),
    form("notice-account-deleted", &["at", "link"]),
    form("notice-new-device", &["at", "forgot"]),
    form("notice-factor-added", &["at", "forgot"]),
    form("notice-factor-removed", &["at", "forgot"]),
    form("notice-recovery-code-used", &["at", "forgot"]),
    form("notice-recovery-codes-replaced", &["at", "forgot"]),
    form("notice-second-factor-refused", &["at", "forgot"]),
    form("notice-factors-reset", &["at", "forgot"]),
];

impl Form {
    /// Returns what a part of this letter must have.
    pub(crate) fn requirements(self, part: Part) -> Requirements {
        let own = if part == Part::Subject { &[] } else { self.variables };
        Requirements {
            part,
            variables: own.iter().copied().chain([SERVICE]).collect(),
        }
    }
}

impl Requirements {
    /// Returns what the HTML around all letters must have. `content` is the HTML of the letter itself.
    pub(crate) fn of_frame() -> Self {
        Self {
            part: Part::Html,
            variables: vec!["language", "subject", SERVICE, "content"],
        }
    }
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Subject, Self::Text, Self::Html];

    /// Returns the end of the name of its files.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "txt",
            Self::Html => "html",
        }
    }
}

const fn form(name: &'static str, variables: &'static [&'static str]) -> Form {
    Form { name, variables }
}
