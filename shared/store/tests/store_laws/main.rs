//! The laws of the ports, each tested with the double in memory and with DynamoDB, and tests of the tables alone.

#![cfg(test)]

mod agreement;
mod announcements;
mod attempts;
mod epochs;
mod feed;
mod items;
mod other_sessions;
mod pair;
mod public_keys;
mod sequences;
mod sessions;
mod snapshots;
mod tables;
mod user_moves;
mod user_pages;
mod user_removals;
mod users;

/// Turns each law into a test with the double in memory and a test with DynamoDB. After `all:`, a law gets the users,
/// the sessions and the epochs. After the name of a table, a law gets this table. If a second name follows, each law
/// also becomes a test with the table of this name, whose reader does not use the AWS SDK.
macro_rules! laws {
    (all: $($law:ident)*) => {
        mod in_memory {
            use doubles::Memory;

            $(#[tokio::test]
            async fn $law() {
                let memory = Memory::default();
                super::$law(&memory, &memory, &memory).await;
            })*
        }

        mod in_dynamodb {
            use crate::tables::Tables;

            $(#[tokio::test]
            async fn $law() {
                let tables = Tables::new().await;
                super::$law(&tables.users, &tables.sessions, &tables.epochs).await;
            })*
        }
    };
    ($table:ident, $reads:ident: $($law:ident)*) => {
        laws! { $table: $($law)* }

        /// The tests with the reader that does not use the AWS SDK.
        mod by_reads {
            use crate::tables::Tables;

            $(#[tokio::test]
            async fn $law() {
                super::$law(&Tables::new().await.$reads).await;
            })*
        }
    };
    ($table:ident: $($law:ident)*) => {
        mod in_memory {
            use doubles::Memory;

            $(#[tokio::test]
            async fn $law() {
                super::$law(&Memory::default()).await;
            })*
        }

        mod in_dynamodb {
            use crate::tables::Tables;

            $(#[tokio::test]
            async fn $law() {
                super::$law(&Tables::new().await.$table).await;
            })*
        }
    };
}
use laws;
