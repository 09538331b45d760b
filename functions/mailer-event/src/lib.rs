//! Puts mails on an event bus, for operators who send them with another provider.

mod sender;

pub use sender::BusSender;
