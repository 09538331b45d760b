//! The laws of the ports, for the stores in memory and for the tables in DynamoDB.

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

/// Turns each law into a test in memory and a test in DynamoDB. A law gets one table, or all of them.
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

        /// The reader is the one without the AWS SDK.
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
