//! Where state lives: the ports of `auth` over DynamoDB. The only crate that names the AWS SDK.

mod client;
mod epochs;
mod fault;
mod feed;
mod feed_item;
mod session_item;
mod sessions;
mod table;
mod transaction;
mod user_item;
mod users;

pub use client::{ClientError, client, local_client};

pub use aws_sdk_dynamodb::Client;
pub use epochs::Epochs;
pub use feed::FeedTable;
pub use sessions::SessionTable;
pub use table::TableDefinition;
pub use users::UserTable;
