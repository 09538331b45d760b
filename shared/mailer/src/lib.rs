//! What every function that sends letters has in common: the events of the stream, the letters as text, and the use
//! case. Each function adds its own way to send: see [`SendMail`].

mod mailer;
mod ports;
mod record;
mod writer;

pub use mailer::Mailer;
pub use ports::{OutgoingMail, SendError, SendMail};
