//! The events of a DynamoDB stream, record by record, so that one malformed record does not hold up the others.

use serde_json::{Value, json};

use crate::FunctionError;

/// A change of a table ("DynamoDB Streams" in Lambda's guide).
#[derive(Clone, Debug, PartialEq)]
pub struct StreamRecord {
    /// The id of the record. A record that is delivered again has the same id.
    pub id: String,
    /// The position of the record in its shard. Of two changes of one item, the later one has the greater number.
    pub sequence_number: String,
    /// The item before the change, if there was one and the stream has it.
    pub old: Option<Value>,
    /// The item after the change, if there is one and the stream has it.
    pub new: Option<Value>,
}

/// Parses a batch of records.
///
/// # Errors
/// If the payload is not a batch of a stream, or a record has no sequence number, so that its failure could not be
/// reported.
pub fn parse_stream(payload: &str) -> Result<Vec<StreamRecord>, FunctionError> {
    let foreign = || FunctionError::new("the event is not from a DynamoDB stream");
    let batch: Value = serde_json::from_str(payload).map_err(|_| foreign())?;
    let records = batch.get("Records").and_then(Value::as_array).ok_or_else(foreign)?;
    records.iter().map(|record| read(record).ok_or_else(foreign)).collect()
}

/// Returns the answer that names the records that have to be delivered again.
#[must_use]
pub fn failures(sequence_numbers: &[String]) -> Value {
    let failures = sequence_numbers.iter().map(|number| json!({"itemIdentifier": number}));
    json!({"batchItemFailures": failures.collect::<Vec<_>>()})
}

fn read(record: &Value) -> Option<StreamRecord> {
    let change = record.get("dynamodb")?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    Some(StreamRecord {
        id: text(record.get("eventID")).unwrap_or_default(),
        sequence_number: text(change.get("SequenceNumber"))?,
        old: change.get("OldImage").cloned(),
        new: change.get("NewImage").cloned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_its_ids_and_images() {
        let records = parse_stream(
            r#"{"Records":[
                {"eventID":"a","dynamodb":{"SequenceNumber":"1","OldImage":{"n":{"N":"1"}},"NewImage":{"n":{"N":"2"}}}},
                {"dynamodb":{"SequenceNumber":"2"}}
            ]}"#,
        )
        .unwrap();

        let image = |number: &str| Some(json!({"n": {"N": number}}));
        assert_eq!(records[0].id, "a");
        assert_eq!((&records[0].old, &records[0].new), (&image("1"), &image("2")));
        assert_eq!((records[1].sequence_number.as_str(), &records[1].new), ("2", &None));
        assert_eq!(
            failures(&[records[1].sequence_number.clone()]),
            json!({"batchItemFailures": [{"itemIdentifier": "2"}]})
        );
    }

    #[test]
    fn another_event_is_an_error() {
        for payload in ["", "{}", r#"{"Records":[{}]}"#, r#"{"Records":[{"dynamodb":{}}]}"#] {
            let error = parse_stream(payload).unwrap_err();

            assert_eq!(
                error.to_string(),
                "the event is not from a DynamoDB stream",
                "{payload}"
            );
        }
    }
}
