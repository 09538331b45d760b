//! Connections to AWS: TCP, TLS with Amazon's root certificates, and HTTP/1.1. All calls of a process share them, with
//! the AWS SDK and without it. They follow no redirect and read no answer that is longer than a limit.

mod connection;
mod failure;
mod network;
mod origin;
mod pool;
mod tls;

pub use failure::Failure;
pub use network::NetworkFault;
pub use origin::Origin;
pub use pool::{Connections, DEAF, Limits};
