//! The events of a DynamoDB stream, record by record, so that one malformed record does not hold up the others.

use runtime::FunctionError;
use serde::Deserialize;
use serde_dynamo::Item;
use serde_json::Value;
use store::MailTask;

/// A batch of records, as Lambda sends it ("DynamoDB Streams" in Lambda's guide).
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

/// A change of a table.
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
/// If the payload is not a batch of a stream, or a record has no sequence number, so that its failure could not be
/// reported.
pub(crate) fn parse(payload: &str) -> Result<Vec<Record>, FunctionError> {
    let foreign = || FunctionError::new("the event is not from a DynamoDB stream");
    let batch: Batch = serde_json::from_str(payload).map_err(|_| foreign())?;
    batch
        .records
        .iter()
        .map(|record| read(record).ok_or_else(foreign))
        .collect()
}

fn read(record: &Value) -> Option<Record> {
    let sequence_number = record.pointer("/dynamodb/SequenceNumber")?.as_str()?.to_owned();
    let image = record.pointer("/dynamodb/NewImage");
    let item: Option<Item> = image.and_then(|image| Item::deserialize(image).ok());
    Some(Record {
        sequence_number,
        task: item.and_then(|item| MailTask::read(&item).ok()),
    })
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

    #[test]
    fn another_event_is_an_error() {
        for payload in ["", "{}", r#"{"Records":[{}]}"#, r#"{"Records":[{"dynamodb":{}}]}"#] {
            let error = parse(payload).unwrap_err();

            assert_eq!(
                error.to_string(),
                "the event is not from a DynamoDB stream",
                "{payload}"
            );
        }
    }
}
