//! Where state lives: the ports of `auth` over DynamoDB. The only crate that names the AWS SDK.

mod client;
mod fault;
mod session_item;
mod sessions;
mod user_item;
mod users;

pub use client::client;

use aws_sdk_dynamodb::Client;

/// Users and sessions in two DynamoDB tables. Cloning shares the connections.
#[derive(Clone, Debug)]
pub struct Dynamo {
    client: Client,
    tables: Tables,
}

/// The names of the tables.
#[derive(Clone, Debug)]
pub struct Tables {
    /// `Users`: partition key `key`, a string.
    pub users: String,
    /// `RefreshTokens`: partition key `user_id`, sort key `sid`, both strings.
    pub refresh_tokens: String,
}

impl Dynamo {
    /// The stores in these tables.
    #[must_use]
    pub const fn new(client: Client, tables: Tables) -> Self {
        Self { client, tables }
    }
}
