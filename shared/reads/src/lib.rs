//! Reading from DynamoDB and Secrets Manager without the AWS SDK, for functions that start often and only read: the
//! authorizer and `jwks`. A start costs a third of the SDK's, and the binary is half as large.
//!
//! A call is one signed `POST` over HTTP/1.1 and TLS. It has the same deadlines, retries and root certificates as the
//! SDK's clients in `store`, follows no redirect, and reads no answer that is longer than its bound.

mod attempt;
mod aws;
mod connection;
mod credentials;
mod date;
mod endpoint;
mod fault;
mod feed;
mod feed_clock;
mod feed_item;
mod item;
mod key_source;
mod network;
mod pool;
mod public_keys;
mod signature;
mod snapshots;
mod tls;

pub use aws::Aws;
pub use feed::FeedReads;
pub use feed_clock::{FeedClock, is_late};
pub use feed_item::{FEED, ISSUED};
pub use key_source::KeySource;
pub use network::NetworkFault;
pub use public_keys::PublicKeyReads;
pub use snapshots::SnapshotReads;
pub use tls::AMAZON_ROOTS;
