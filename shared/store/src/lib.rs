//! Storage: the ports of `auth`, implemented with DynamoDB, Secrets Manager and files. Every client of the AWS SDK gets
//! its configuration here. Apart from tests, their helpers and the functions that send mails, no other crate uses the
//! SDK.
//!
//! Each table has its own type, which implements the ports that use the table. A function gets only the tables that it
//! needs:
//!
//! ```no_run
//! use auth::user::FindUser;
//! use store::{Aws, UserTable};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let aws = Aws::local("http://localhost:8000", "http://localhost:5000");
//! let users = UserTable::new(aws.dynamodb(), "Users".to_owned());
//!
//! let user = users.user(&"0190a5d2-7c3f-7e0b-8f5e-1d2c3b4a5968".parse()?).await?;
//! assert!(user.is_none());
//! # Ok(())
//! # }
//! ```

mod accounts;
mod address_records;
mod announcements;
mod attempts;
mod client;
mod credentials;
mod credentials_batch;
mod credentials_item;
mod deletions;
mod epochs;
mod factor_changes;
mod factors;
mod fault;
mod feed;
mod feed_item;
mod http_client;
mod item;
mod key_file;
mod key_source;
mod mail;
mod mail_item;
mod network;
mod notices;
mod passkeys;
mod password_change;
mod password_reset;
mod patience;
mod private_file;
mod public_keys;
mod secret;
mod server_time;
mod session_item;
mod session_pages;
mod session_removal;
mod sessions;
mod snapshots;
mod table;
mod transaction;
mod tries;
mod user_item;
mod user_move;
mod user_page;
mod user_removal;
mod users;
mod windows;

pub use accounts::Accounts;
pub use address_records::AddressRecords;
pub use attempts::Attempts;
pub use client::Aws;

pub use aws_sdk_dynamodb::Client;
pub use connections::NetworkFault;
pub use credentials::CredentialsTable;
pub use deletions::Deletions;
pub use epochs::Epochs;
pub use factor_changes::FactorChanges;
pub use factors::FactorTable;
pub use fault::{NO_CREDENTIALS, UNSENT, cause};
pub use feed::FeedTable;
pub use http_client::SharedClient;
pub use key_file::KeyFile;
pub use key_source::{
    FollowedKeyring, FollowedProofKeys, FollowedSecret, KeySource, follow_edge_keys, follow_factor_keys,
    follow_key_set, follow_keyring, follow_mail_keys, follow_proof_keys, read_pseudonym_key,
};
pub use mail::MailTable;
pub use mail_item::MailTask;
pub use password_change::PasswordChanges;
pub use password_reset::PasswordResets;
pub use patience::Patience;
pub use private_file::open_private;
pub use public_keys::PublicKeyTable;
pub use secret::{RotationStatus, Secret, SecretsManager};
pub use server_time::ServerTime;
pub use sessions::SessionTable;
pub use snapshots::SnapshotTable;
pub use table::TableDefinition;
pub use user_item::read_user;
pub use user_move::AddressMoves;
pub use users::UserTable;
