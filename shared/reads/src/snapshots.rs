//! Reading the `FeedSnapshots` table.

use auth::{
    error::StoreError,
    feed::{ReadSnapshots, SnapshotPlace},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::{
    Aws,
    fault::malformed,
    feed_item::{Number, Text},
    item::read_item,
};

/// The name of the item that points to the current snapshot.
const CURRENT: &str = "current";

/// The `FeedSnapshots` table: partition key `name`, a string.
#[derive(Clone, Debug)]
pub struct SnapshotReads {
    aws: Aws,
    table: String,
}

#[derive(Deserialize)]
struct Pointer {
    snapshot_name: Text,
    parts: Number,
}

#[derive(Deserialize)]
struct Part {
    part: Binary,
}

/// A binary attribute, in base64.
#[derive(Deserialize)]
struct Binary {
    #[serde(rename = "B")]
    base64: String,
}

impl SnapshotReads {
    /// Returns the table with this name.
    #[must_use]
    pub const fn new(aws: Aws, table: String) -> Self {
        Self { aws, table }
    }
}

impl ReadSnapshots for SnapshotReads {
    async fn current(&self) -> Result<Option<SnapshotPlace>, StoreError> {
        const OPERATION: &str = "find snapshot";
        let item: Option<Pointer> = read_item(OPERATION, &self.aws, &self.table, CURRENT).await?;
        item.map(|Pointer { snapshot_name, parts }| {
            let parts = parts.number().and_then(|parts| usize::try_from(parts).ok());
            Ok(SnapshotPlace {
                name: snapshot_name.text,
                parts: parts.ok_or_else(|| malformed(OPERATION))?,
            })
        })
        .transpose()
    }

    async fn part(&self, place: &SnapshotPlace, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let name = format!("{}#{number}", place.name);
        let item: Option<Part> = read_item("read snapshot", &self.aws, &self.table, &name).await?;
        Ok(item.and_then(|Part { part }| STANDARD.decode(part.base64).ok()))
    }
}
