//! Sends mails with Amazon SES.

mod mailbox;
mod sender;

pub use sender::SesSender;
