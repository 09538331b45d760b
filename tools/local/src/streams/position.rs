//! How far the shards of a stream are processed, kept over restarts.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::private_file;

/// How far a shard is processed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Position {
    /// No record is processed.
    #[default]
    Start,
    /// All records up to the one with this sequence number are processed.
    After(String),
    /// All records of a closed shard are processed.
    Finished,
}

/// The positions in the shards of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Positions {
    /// The ARN of the stream. A table that is made again has another stream.
    pub(super) stream: String,
    /// The position in each shard.
    pub(super) shards: BTreeMap<String, Position>,
}

impl Positions {
    /// Reads the positions in a file, or returns `None` if there is no such file.
    ///
    /// # Errors
    /// If the file cannot be read, or is malformed.
    pub(super) fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        let text = private_file::read(path)?;
        let positions = text.map(|text| serde_json::from_str(&text));
        positions
            .transpose()
            .with_context(|| format!("{} is malformed: delete it and start again", path.display()))
    }

    /// Writes the positions to a file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        private_file::replace(path, &serde_json::to_string(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_they_were_written() {
        let path = std::env::temp_dir().join(format!("gatehouse-positions-{}.json", std::process::id()));
        let positions = Positions {
            stream: "arn".to_owned(),
            shards: BTreeMap::from([
                ("a".to_owned(), Position::Finished),
                ("b".to_owned(), Position::After("111".to_owned())),
                ("c".to_owned(), Position::Start),
            ]),
        };

        let missing = Positions::read(&path).unwrap();
        positions.write(&path).unwrap();
        let read = Positions::read(&path);
        std::fs::write(&path, "{").unwrap();
        let malformed = Positions::read(&path).unwrap_err();

        std::fs::remove_file(&path).unwrap();
        assert_eq!(missing, None);
        assert_eq!(read.unwrap(), Some(positions));
        assert!(malformed.to_string().contains("is malformed"), "{malformed}");
    }
}
