//! The metadata of records that were given up, in the form in which Lambda sends it to a destination on failure. It does
//! not contain the records.

use claims::Timestamp;
use jiff::Timestamp as Time;
use serde_json::{Value, json};

use super::decision::Batch;

/// Why records are given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The function failed more often than the template permits.
    RetryAttemptsExhausted,
    /// The records are older than the template permits.
    RecordAgeExceeded,
}

/// The place from which records come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) function: &'a str,
    pub(super) stream: &'a str,
    pub(super) shard: &'a str,
}

impl Reason {
    const fn condition(self) -> &'static str {
        match self {
            Self::RetryAttemptsExhausted => "RetryAttemptsExhausted",
            Self::RecordAgeExceeded => "RecordAgeExceeded",
        }
    }

    /// Returns the reason as a part of a sentence.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::RetryAttemptsExhausted => "the function failed too often",
            Self::RecordAgeExceeded => "too old",
        }
    }
}

/// Returns the metadata of a batch, or `None` if it has no records.
pub(super) fn metadata(batch: &Batch, reason: Reason, origin: Origin<'_>, now: Timestamp) -> Option<Value> {
    let (first, last) = (batch.records.first()?, batch.records.last()?);
    let Origin {
        function,
        stream,
        shard,
    } = origin;
    Some(json!({
        "version": "1.0",
        "timestamp": date(now),
        "requestContext": {
            "functionArn": format!("arn:aws:lambda:local:000000000000:function:{function}"),
            "condition": reason.condition(),
            "approximateInvokeCount": batch.failures,
        },
        "DDBStreamBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": first.sequence_number,
            "endSequenceNumber": last.sequence_number,
            "approximateArrivalOfFirstRecord": date(first.created),
            "approximateArrivalOfLastRecord": date(last.created),
            "batchSize": batch.records.len(),
            "streamArn": stream,
        },
    }))
}

fn date(time: Timestamp) -> String {
    let seconds = i64::try_from(time.get()).ok();
    let time = seconds.and_then(|seconds| Time::from_second(seconds).ok());
    time.unwrap_or(Time::MAX).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::record::Record;

    #[test]
    fn the_metadata_has_the_range_of_the_records_but_not_the_records() {
        let record = |number: u64| Record {
            sequence_number: number.to_string(),
            created: Timestamp::new(1_700_000_000 + number),
            event: json!({"canary": true}),
        };
        let batch = Batch {
            records: vec![record(1), record(2)],
            failures: 3,
        };
        let origin = Origin {
            function: "mailer",
            stream: "arn",
            shard: "s1",
        };

        let now = Timestamp::new(1_700_000_900);
        let metadata = metadata(&batch, Reason::RetryAttemptsExhausted, origin, now).unwrap();

        assert!(!metadata.to_string().contains("canary"));
        assert_eq!(metadata["timestamp"], "2023-11-14T22:28:20Z");
        assert_eq!(
            metadata["requestContext"],
            json!({
                "functionArn": "arn:aws:lambda:local:000000000000:function:mailer",
                "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 3,
            })
        );
        assert_eq!(
            metadata["DDBStreamBatchInfo"],
            json!({
                "shardId": "s1", "startSequenceNumber": "1", "endSequenceNumber": "2",
                "approximateArrivalOfFirstRecord": "2023-11-14T22:13:21Z",
                "approximateArrivalOfLastRecord": "2023-11-14T22:13:22Z", "batchSize": 2, "streamArn": "arn",
            })
        );
    }

    #[test]
    fn no_records_have_no_metadata() {
        let origin = Origin {
            function: "mailer",
            stream: "arn",
            shard: "s1",
        };

        let batch = Batch::new(Vec::new());

        assert_eq!(
            metadata(&batch, Reason::RecordAgeExceeded, origin, Timestamp::new(0)),
            None
        );
    }
}
