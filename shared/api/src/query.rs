//! The parameters in the query of a request.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Failure;

/// The decoded parameters. If a parameter is repeated, its values are joined by commas, as API Gateway does in format
/// 2.0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    /// Makes the parameters from the two maps of an event. `multiple`, which has all values of a parameter, takes
    /// precedence over `single`. Values that are not strings are ignored.
    pub(crate) fn new(single: Option<BTreeMap<String, Value>>, multiple: Option<BTreeMap<String, Value>>) -> Self {
        let single = single.into_iter().flatten();
        let single = single.filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
        let multiple = multiple.into_iter().flatten();
        let joined = multiple.filter_map(|(name, values)| Some((name, join_values(&values)?)));
        Self(single.chain(joined).collect())
    }

    /// Returns the value of a parameter, or `None` if it is absent or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the value of a parameter as a number from 1 to `most`, or `default` if it is absent.
    ///
    /// # Errors
    /// If the value is not such a number.
    pub(crate) fn number(&self, name: &str, default: usize, most: usize) -> Result<usize, Failure> {
        let value = self.0.get(name).map_or(Some(default), |value| value.parse().ok());
        value
            .filter(|value| (1..=most).contains(value))
            .ok_or_else(|| Failure::invalid_request(format!("`{name}` must be a number from 1 to {most}")))
    }
}

fn join_values(values: &Value) -> Option<String> {
    let values: Vec<&str> = values.as_array()?.iter().filter_map(Value::as_str).collect();
    Some(values.join(","))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::absent(json!({}), Some(50))]
    #[case::empty(json!({"limit": ""}), None)]
    #[case::least(json!({"limit": "1"}), Some(1))]
    #[case::most(json!({"limit": "100"}), Some(100))]
    #[case::zero(json!({"limit": "0"}), None)]
    #[case::too_many(json!({"limit": "101"}), None)]
    #[case::negative(json!({"limit": "-1"}), None)]
    #[case::twice(json!({"limit": "1,2"}), None)]
    #[case::no_number(json!({"limit": "ten"}), None)]
    #[case::huge(json!({"limit": "99999999999999999999999"}), None)]
    fn a_number_has_a_default_and_a_range(#[case] parameters: Value, #[case] expected: Option<usize>) {
        let query = Query::new(serde_json::from_value(parameters).unwrap(), None);

        let number = query.number("limit", 50, 100);

        assert_eq!(number.as_ref().ok().copied(), expected);
        if let Err(failure) = number {
            assert_eq!(failure.description, "`limit` must be a number from 1 to 100");
        }
    }

    #[test]
    fn all_values_take_precedence_over_the_last_one() {
        let single = BTreeMap::from([("limit".to_owned(), json!("2"))]);
        let multiple = BTreeMap::from([("limit".to_owned(), json!(["1", "2"]))]);

        let query = Query::new(Some(single), Some(multiple));

        assert_eq!(query.get("limit"), Some("1,2"));
    }
}
