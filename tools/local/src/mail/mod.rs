//! The mails that functions send through SES. Here they reach nobody: an endpoint catches them, and a page shows them.

mod address;
mod endpoint;
mod html;
mod mailbox;
mod message;
mod page;
mod request;
mod text;

pub use endpoint::serve_ses;
pub use mailbox::Mailbox;
pub use message::Message;
pub(crate) use page::serve_page;
