//! The laws of the ports, each tested with the double in memory and with DynamoDB, and tests of the tables alone.

#![cfg(test)]

mod agreement;
mod announcements;
mod attempts;
mod deletions;
mod epochs;
mod factors;
mod feed;
mod items;
mod key_schedules;
mod mail;
mod other_sessions;
mod pair;
mod passkeys;
mod public_keys;
mod resets;
mod sequences;
mod sessions;
mod snapshots;
mod tables;
mod user_moves;
mod user_pages;
mod user_removals;
mod users;

/// Turns each law into a test with the double in memory and a test with DynamoDB. The word before the colon determines
/// the arguments of the laws: `all` stands for the users, the sessions and the epochs, `users with X` for the users and X,
/// `users with X and sessions` for the sessions too, and any other word names a single table. If there is a second name,
/// each law also becomes a test with the table of that name, whose reader does not use the AWS SDK.
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
    (users with $other:ident and sessions: $($law:ident)*) => {
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
                super::$law(&tables.users, &tables.$other, &tables.sessions).await;
            })*
        }
    };
    (users with $other:ident: $($law:ident)*) => {
        mod in_memory {
            use doubles::Memory;

            $(#[tokio::test]
            async fn $law() {
                let memory = Memory::default();
                super::$law(&memory, &memory).await;
            })*
        }

        mod in_dynamodb {
            use crate::tables::Tables;

            $(#[tokio::test]
            async fn $law() {
                let tables = Tables::new().await;
                super::$law(&tables.users, &tables.$other).await;
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
