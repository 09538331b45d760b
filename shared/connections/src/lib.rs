//! Connections to AWS: TCP, TLS with Amazon's root certificates, and HTTP/1.1. Calls through the AWS SDK and calls
//! without it both use this crate. No call follows a redirect or reads an answer that is longer than a limit.

mod connection;
mod dial;
mod failure;
mod network;
mod origin;
mod pool;
mod tls;

pub use dial::{Dial, Dialling, Direct};
pub use failure::Failure;
pub use network::NetworkFault;
pub use origin::Origin;
pub use pool::{Connections, DEAF, Limits};
pub use tls::amazon_roots;
