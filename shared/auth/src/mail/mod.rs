//! Mail: requests for mail, what a letter proves, and the decision which letter a request leads to.
//!
//! Two principles hold here. The function that answers a request for mail cannot know whether the address belongs to a
//! user: it has no port that reads users. And no link does anything by itself: it is accepted only together with a
//! password that a person types, so programs that open every link use nothing up.

mod account;
mod code;
mod deliver;
mod grant;
mod keys;
mod language;
mod latest;
mod letter;
mod notice;
mod ports;
mod proof;
mod proof_keys;
mod purpose;
mod recipient;
mod rule;
mod sealed;
mod write;

pub(crate) use account::Account;
pub use code::{CODE_LIFE, Code};
pub use deliver::{DeliverError, Delivered, Mailer, deliver, deliver_notice};
pub use grant::Grant;
pub use keys::{MailKeys, follow_mail_keys};
pub use language::{InvalidLanguage, Language};
pub use latest::LatestMail;
pub use letter::{Letter, Lives};
pub use notice::{NOTICE_WINDOW, Notice, QueuedNotice};
pub use ports::{
    Addressed, BUDGET_WINDOW, BudgetMail, MailBudget, MarkRefused, MarkSent, QueueMail, QueueNotice, QueuedMail,
    SendLetter, SendLetterError,
};
pub use proof::{Proof, ProofError, Proofs, is_bound};
pub(crate) use proof::{Registrant, ResetTarget};
pub use proof_keys::{ProofKeyring, ProofKeys, ProofKeysError};
pub use purpose::Purpose;
pub use recipient::recipient;
pub use rule::{
    FREE_MAILS, MAIL_FORGOTTEN_AFTER, MAX_MAIL_WAIT, MailRecord, Queueing, growing_mail_waits, mail_wait_after,
};
pub use sealed::{MailTo, Sealed};
