//! What the service does: one function per use-case, and the ports that it needs. No HTTP, no AWS.

pub mod accounts;
pub mod attempts;
pub mod change_password;
pub mod error;
pub mod feed;
pub mod following;
pub mod keys;
pub mod login;
pub mod password;
pub mod session;
pub mod user;
