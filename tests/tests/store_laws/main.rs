//! The laws of the ports, for the stores in memory and for the tables in DynamoDB alike.

#![cfg(test)]

mod agreement;
mod items;
mod sessions;
mod tables;
mod users;

/// Makes of each law a test in memory and a test in DynamoDB.
macro_rules! laws {
    ($table:ident: $($law:ident)*) => {
        mod in_memory {
            use auth::memory::Memory;

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
