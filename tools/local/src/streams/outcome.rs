//! What the answer of a function says about its batch.

use serde_json::Value;

use super::record::Record;
use crate::functions::InvokeError;

/// The outcome of an attempt to deliver a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The function has processed all records.
    Delivered,
    /// The function has processed the records before this index. All others are retried, even if some succeeded.
    FailedFrom(usize),
    /// The batch did not reach the function.
    Unreached,
}

impl Outcome {
    /// Returns the outcome of an invocation. `reports_failures` is whether the answer may name records that failed.
    pub(super) fn of(answer: &Result<Value, InvokeError>, records: &[Record], reports_failures: bool) -> Self {
        match answer {
            Err(InvokeError::Unreachable { .. }) => Self::Unreached,
            Err(InvokeError::Failed { .. } | InvokeError::TimedOut { .. } | InvokeError::Crashed) => {
                Self::FailedFrom(0)
            }
            Ok(_) if !reports_failures => Self::Delivered,
            Ok(answer) => Self::of_report(answer, records),
        }
    }

    /// Returns the outcome that an answer reports in `batchItemFailures`. An answer in an unknown form, or with a record
    /// that is not in the batch, means that the whole batch failed.
    fn of_report(answer: &Value, records: &[Record]) -> Self {
        let failures = match answer.as_object().map(|answer| answer.get("batchItemFailures")) {
            None if !answer.is_null() => return Self::FailedFrom(0),
            None | Some(None | Some(Value::Null)) => return Self::Delivered,
            Some(Some(failures)) => failures,
        };
        let Some(failures) = failures.as_array() else {
            return Self::FailedFrom(0);
        };
        let index = |failure: &Value| {
            let failed = failure.get("itemIdentifier")?.as_str()?;
            records.iter().position(|record| record.sequence_number == failed)
        };
        let indices: Option<Vec<usize>> = failures.iter().map(index).collect();
        indices.map_or(Self::FailedFrom(0), |indices| {
            indices.into_iter().min().map_or(Self::Delivered, Self::FailedFrom)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use claims::Timestamp;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::nothing(json!(null), Outcome::Delivered)]
    #[case::an_empty_report(json!({}), Outcome::Delivered)]
    #[case::no_list(json!({"batchItemFailures": null}), Outcome::Delivered)]
    #[case::no_failures(json!({"batchItemFailures": []}), Outcome::Delivered)]
    #[case::the_lowest(json!({"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": "2"}]}), Outcome::FailedFrom(1))]
    #[case::the_first(json!({"batchItemFailures": [{"itemIdentifier": "1"}]}), Outcome::FailedFrom(0))]
    #[case::an_empty_name(json!({"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": ""}]}), Outcome::FailedFrom(0))]
    #[case::no_name(json!({"batchItemFailures": [{"itemIdentifier": null}]}), Outcome::FailedFrom(0))]
    #[case::another_key(json!({"batchItemFailures": [{"itemId": "3"}]}), Outcome::FailedFrom(0))]
    #[case::a_record_of_another_batch(json!({"batchItemFailures": [{"itemIdentifier": "4"}]}), Outcome::FailedFrom(0))]
    #[case::no_array(json!({"batchItemFailures": "3"}), Outcome::FailedFrom(0))]
    #[case::no_object(json!("3"), Outcome::FailedFrom(0))]
    fn a_report_names_the_records_that_failed(#[case] answer: Value, #[case] expected: Outcome) {
        let without_reports = Outcome::of(&Ok(answer.clone()), &records(), false);

        assert_eq!(Outcome::of(&Ok(answer), &records(), true), expected);
        assert_eq!(without_reports, Outcome::Delivered);
    }

    #[rstest]
    #[case(InvokeError::Failed { message: String::new() }, Outcome::FailedFrom(0))]
    #[case(InvokeError::TimedOut { timeout: Duration::from_secs(1) }, Outcome::FailedFrom(0))]
    #[case(InvokeError::Crashed, Outcome::FailedFrom(0))]
    #[case(InvokeError::Unreachable { cause: String::new() }, Outcome::Unreached)]
    fn only_an_attempt_that_reached_the_function_failed(#[case] error: InvokeError, #[case] expected: Outcome) {
        assert_eq!(Outcome::of(&Err(error), &records(), true), expected);
    }

    fn records() -> Vec<Record> {
        let record = |number: u32| Record {
            sequence_number: number.to_string(),
            created: Timestamp::new(0),
            event: Value::Null,
        };
        (1..=3).map(record).collect()
    }
}
