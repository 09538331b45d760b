//! Reading from DynamoDB and Secrets Manager without the AWS SDK. The authorizer and `jwks` start often and only read,
//! so they do not link the SDK; `compact-feed` reads the feed in the same way. Without the SDK, a binary is half as
//! large.
//!
//! An attempt is one signed `POST` request. A call has the same deadlines and retries as a function's SDK clients from
//! `store`, and the same kind of connections. No call reads an answer that is longer than 2 MB.

mod attempt;
mod aws;
mod credentials;
mod date;
mod endpoint;
mod fault;
mod feed;
mod feed_clock;
mod feed_item;
mod item;
mod key_source;
mod public_keys;
mod signature;
mod snapshots;

pub use attempt::Patience;
pub use aws::Aws;
pub use feed::FeedReads;
pub use feed_clock::{FeedClock, is_late};
pub use feed_item::{FEED, ISSUED};
pub use key_source::{KeySource, SECRET_POLL};
pub use public_keys::PublicKeyReads;
pub use snapshots::SnapshotReads;
