//! A record of a stream, in the form in which a function gets it.

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use aws_sdk_dynamodbstreams::types::{self, AttributeValue};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use claims::Timestamp;
use serde_json::{Map, Value, json};

/// A record of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The record's place in its shard.
    pub(super) sequence_number: String,
    /// The time of the change, in whole seconds.
    pub(super) created: Timestamp,
    /// The record as a part of Lambda's event.
    pub(super) event: Value,
}

impl Record {
    /// Returns a record of the stream with this ARN.
    ///
    /// # Errors
    /// If the record has no sequence number, or an attribute of an unknown type.
    pub(super) fn of(record: &types::Record, arn: &str) -> anyhow::Result<Self> {
        let change = record.dynamodb().context("a record without a change")?;
        let sequence_number = change.sequence_number().context("a record without a sequence number")?;
        let created = change.approximate_creation_date_time();
        let created = created.map_or(0, |time| u64::try_from(time.secs()).unwrap_or_default());

        let mut dynamodb = Map::new();
        dynamodb.insert("ApproximateCreationDateTime".to_owned(), json!(created));
        for (name, image) in [
            ("Keys", change.keys()),
            ("NewImage", change.new_image()),
            ("OldImage", change.old_image()),
        ] {
            if let Some(image) = image {
                dynamodb.insert(name.to_owned(), attributes(image)?);
            }
        }
        dynamodb.insert("SequenceNumber".to_owned(), json!(sequence_number));
        dynamodb.insert("SizeBytes".to_owned(), json!(change.size_bytes()));
        let view = change.stream_view_type().map(types::StreamViewType::as_str);
        dynamodb.insert("StreamViewType".to_owned(), json!(view));

        let mut event = json!({
            "eventID": record.event_id(),
            "eventName": record.event_name().map(types::OperationType::as_str),
            "eventVersion": record.event_version(),
            "eventSource": record.event_source(),
            "awsRegion": record.aws_region(),
            "dynamodb": dynamodb,
            "eventSourceARN": arn,
        });
        // DynamoDB names itself as the one who deleted an expired item.
        if let (Some(who), Some(event)) = (record.user_identity(), event.as_object_mut()) {
            let who = json!({"type": who.r#type(), "principalId": who.principal_id()});
            event.insert("userIdentity".to_owned(), who);
        }
        Ok(Self {
            sequence_number: sequence_number.to_owned(),
            created: Timestamp::new(created),
            event,
        })
    }
}

fn attributes(image: &HashMap<String, AttributeValue>) -> anyhow::Result<Value> {
    let members = image.iter().map(|(name, value)| Ok((name.clone(), attribute(value)?)));
    Ok(Value::Object(members.collect::<anyhow::Result<_>>()?))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK stands in for a type that it does not have by a variant that cannot be named"
)]
fn attribute(value: &AttributeValue) -> anyhow::Result<Value> {
    Ok(match value {
        AttributeValue::B(bytes) => json!({"B": STANDARD.encode(bytes)}),
        AttributeValue::Bool(is_set) => json!({"BOOL": is_set}),
        AttributeValue::Bs(items) => json!({"BS": items.iter().map(|item| STANDARD.encode(item)).collect::<Vec<_>>()}),
        AttributeValue::L(items) => json!({"L": items.iter().map(attribute).collect::<anyhow::Result<Vec<_>>>()?}),
        AttributeValue::M(members) => json!({"M": attributes(members)?}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::Ns(numbers) => json!({"NS": numbers}),
        AttributeValue::Null(is_null) => json!({"NULL": is_null}),
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::Ss(texts) => json!({"SS": texts}),
        _ => bail!("an attribute of an unknown type"),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodbstreams::primitives::{Blob, DateTime};

    use super::*;

    #[test]
    fn a_record_has_the_form_of_lambdas_event() {
        let text = || AttributeValue::S("to#1".to_owned());
        let image = [
            ("key", text()),
            ("sealed", AttributeValue::B(Blob::new([0, 255]))),
            ("asks", AttributeValue::N("2".to_owned())),
            ("on", AttributeValue::Bool(true)),
            ("nothing", AttributeValue::Null(true)),
            ("bytes", AttributeValue::Bs(vec![Blob::new([1])])),
            ("numbers", AttributeValue::Ns(vec!["1".to_owned()])),
            ("texts", AttributeValue::Ss(vec!["a".to_owned()])),
            ("list", AttributeValue::L(vec![text()])),
            ("map", AttributeValue::M(HashMap::from([("a".to_owned(), text())]))),
        ];
        let image = image.map(|(name, value)| (name.to_owned(), value)).into();
        let change = types::StreamRecord::builder()
            .approximate_creation_date_time(DateTime::from_secs(1_700_000_000))
            .keys("key", text())
            .set_new_image(Some(image))
            .sequence_number("111")
            .size_bytes(26)
            .stream_view_type(types::StreamViewType::NewImage);
        let record = types::Record::builder()
            .event_id("e1")
            .event_name(types::OperationType::Insert)
            .event_version("1.1")
            .event_source("aws:dynamodb")
            .aws_region("local")
            .dynamodb(change.build());

        let record = Record::of(&record.build(), "arn:aws:dynamodb:s").unwrap();

        assert_eq!(record.sequence_number, "111");
        assert_eq!(record.created, Timestamp::new(1_700_000_000));
        assert_eq!(
            record.event,
            json!({
                "eventID": "e1", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
                "awsRegion": "local", "eventSourceARN": "arn:aws:dynamodb:s",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1_700_000_000, "Keys": {"key": {"S": "to#1"}},
                    "NewImage": {
                        "key": {"S": "to#1"}, "sealed": {"B": "AP8="}, "asks": {"N": "2"}, "on": {"BOOL": true},
                        "nothing": {"NULL": true}, "bytes": {"BS": ["AQ=="]}, "numbers": {"NS": ["1"]},
                        "texts": {"SS": ["a"]}, "list": {"L": [{"S": "to#1"}]}, "map": {"M": {"a": {"S": "to#1"}}},
                    },
                    "SequenceNumber": "111", "SizeBytes": 26, "StreamViewType": "NEW_IMAGE",
                },
            })
        );
    }

    #[test]
    fn a_removal_by_dynamodb_names_dynamodb() {
        let change = types::StreamRecord::builder().sequence_number("111").build();
        let who = types::Identity::builder()
            .r#type("Service")
            .principal_id("dynamodb.amazonaws.com");
        let record = types::Record::builder().dynamodb(change).user_identity(who.build());

        let event = Record::of(&record.build(), "arn").unwrap().event;

        assert_eq!(
            event["userIdentity"],
            json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"})
        );
        assert_eq!(event["dynamodb"].get("NewImage"), None);
    }
}
