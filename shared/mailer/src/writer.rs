//! Writing letters as mails, with their links and sender.

use auth::mail::{Addressed, Language, Letter, Notice, SendLetter, SendLetterError};
use claims::{Link, Moment, SignedToken};
use config::MailFrom;

use crate::{OutgoingMail, SendError, SendMail};

/// Where links lead to, in the form `<AppUrl><path>?token=<token>`.
const REGISTER: &str = "/register/confirm";
const RESET: &str = "/reset";
const ADDRESS: &str = "/address/confirm";
const KEEP: &str = "/account/keep";
const LOGIN: &str = "/";
const FORGOT: &str = "/forgot";

/// Writes letters and hands them to a sender.
#[derive(Debug)]
pub(crate) struct LetterWriter<S> {
    pub(crate) sender: S,
    /// The base of all links, without a slash at its end.
    pub(crate) app_url: String,
    pub(crate) from: MailFrom,
    /// The language of a letter if the request named none.
    pub(crate) language: Language,
}

impl<S: SendMail> SendLetter for LetterWriter<S> {
    async fn send_letter(&self, addressed: &Addressed<'_>) -> Result<(), SendLetterError> {
        let asked = addressed.language.unwrap_or(&self.language);
        let language = letters::language(asked.as_str(), self.language.as_str());
        let rendered = self.render(language, addressed.letter);
        let mail = OutgoingMail {
            id: addressed.id.as_str(),
            to: addressed.to.typed(),
            from: &self.from.header,
            subject: &rendered.subject,
            text: &rendered.text,
            html: &rendered.html,
            purpose: name(addressed.letter),
            language,
        };
        self.sender.send(&mail).await.map_err(|error| match error {
            SendError::Refused { cause } => SendLetterError::Refused(cause),
            SendError::Unavailable { cause } => SendLetterError::Unavailable(cause),
        })
    }
}

impl<S> LetterWriter<S> {
    fn render(&self, language: &str, letter: &Letter) -> letters::Rendered {
        let service = self.service();
        let url = |path: &str| format!("{}{path}", self.app_url);
        let linked = |path: &str, token: &SignedToken<Link>| format!("{}?token={}", url(path), token.expose());
        match letter {
            Letter::Register { link, code } => letters::render(
                language,
                &letters::Letter::Register {
                    link: &linked(REGISTER, link),
                    code: code.as_ref().map(auth::mail::Code::as_str),
                    service,
                },
            ),
            Letter::Registered { link } => letters::render(
                language,
                &letters::Letter::Registered {
                    login: &url(LOGIN),
                    reset: &linked(RESET, link),
                    service,
                },
            ),
            Letter::Reset { link, code } => letters::render(
                language,
                &letters::Letter::Reset {
                    link: &linked(RESET, link),
                    code: code.as_ref().map(auth::mail::Code::as_str),
                    service,
                },
            ),
            Letter::Invite { link } => letters::render(
                language,
                &letters::Letter::Invite {
                    link: &linked(REGISTER, link),
                    service,
                },
            ),
            Letter::AddressOld { link } => letters::render(
                language,
                &letters::Letter::AddressOld {
                    link: &linked(ADDRESS, link),
                    service,
                },
            ),
            Letter::AddressNew { link } => letters::render(
                language,
                &letters::Letter::AddressNew {
                    link: &linked(ADDRESS, link),
                    service,
                },
            ),
            Letter::AddressTaken => letters::render(language, &letters::Letter::AddressTaken { service }),
            Letter::Test => letters::render(language, &letters::Letter::Test { service }),
            Letter::Notice { what, at, undo } => letters::render(
                language,
                &letters::Letter::Notice {
                    what: notice(*what),
                    at: &in_utc(*at),
                    undo: undo.as_ref().map(|undo| linked(KEEP, undo)).as_deref(),
                    forgot: &url(FORGOT),
                    service,
                },
            ),
        }
    }

    /// Returns the name of the service in letters: that of the sender, or the host of the links.
    fn service(&self) -> &str {
        let host = || {
            let (_, rest) = self.app_url.split_once("://").unwrap_or_default();
            rest.split(['/', ':']).next().unwrap_or_default()
        };
        self.from.name.as_deref().unwrap_or_else(host)
    }
}

/// Returns the name of a letter for the provider's statistics.
const fn name(letter: &Letter) -> &'static str {
    match letter {
        Letter::Register { .. } => "register",
        Letter::Registered { .. } => "registered",
        Letter::Reset { .. } => "reset",
        Letter::Invite { .. } => "invite",
        Letter::AddressOld { .. } => "address_old",
        Letter::AddressNew { .. } => "address_new",
        Letter::AddressTaken => "address_taken",
        Letter::Test => "test",
        Letter::Notice { .. } => "notice",
    }
}

const fn notice(what: Notice) -> letters::Notice {
    match what {
        Notice::PasswordChanged => letters::Notice::PasswordChanged,
        Notice::PasswordReset => letters::Notice::PasswordReset,
        Notice::AddressChanged => letters::Notice::AddressChanged,
        Notice::Theft => letters::Notice::Theft,
        Notice::AccountDeleted => letters::Notice::AccountDeleted,
        Notice::NewDevice => letters::Notice::NewDevice,
        Notice::FactorAdded => letters::Notice::FactorAdded,
        Notice::FactorRemoved => letters::Notice::FactorRemoved,
        Notice::RecoveryCodeUsed => letters::Notice::RecoveryCodeUsed,
        Notice::RecoveryCodesReplaced => letters::Notice::RecoveryCodesReplaced,
        Notice::SecondFactorRefused => letters::Notice::SecondFactorRefused,
        Notice::FactorsReset => letters::Notice::FactorsReset,
    }
}

/// Returns a time as people read it, such as `2026-11-26 20:15 UTC`.
fn in_utc(at: Moment) -> String {
    let seconds = i64::try_from(at.timestamp().get()).unwrap_or_default();
    jiff::Timestamp::from_second(seconds)
        .unwrap_or_default()
        .strftime("%Y-%m-%d %H:%M UTC")
        .to_string()
}
