//! What the records of a stream ask the mailer to do.

use runtime::{FunctionError, StreamRecord, parse_stream};
use serde::Deserialize as _;
use serde_dynamo::Item;
use store::MailTask;

/// A record of a stream.
#[derive(Debug)]
pub(crate) struct Record {
    /// The position of the record in its shard.
    pub(crate) sequence_number: String,
    /// What to do, or `None` if the record cannot be read.
    pub(crate) task: Option<MailTask>,
}

/// Parses a batch.
///
/// # Errors
/// If the payload is not a batch of a stream.
pub(crate) fn parse(payload: &str) -> Result<Vec<Record>, FunctionError> {
    let records = parse_stream(payload)?.into_iter();
    Ok(records.map(read).collect())
}

fn read(record: StreamRecord) -> Record {
    let item = record.new.and_then(|image| Item::deserialize(image).ok());
    Record {
        sequence_number: record.sequence_number,
        task: item.and_then(|item| MailTask::read(&item).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_record_is_one_without_a_task() {
        let records = parse(
            r#"{"Records":[
                {"dynamodb":{"SequenceNumber":"1"}},
                {"dynamodb":{"SequenceNumber":"2","NewImage":{"key":{"S":"to#"}}}},
                {"dynamodb":{"SequenceNumber":"3","NewImage":{"key":7}}}
            ]}"#,
        )
        .unwrap();

        let numbers: Vec<&str> = records.iter().map(|record| record.sequence_number.as_str()).collect();
        assert_eq!(numbers, ["1", "2", "3"]);
        assert!(records.iter().all(|record| record.task.is_none()));
    }
}
