//! The filters of a stream: the part of `EventBridge`'s patterns that this stack imitates.

use std::{cmp::Ordering, collections::BTreeMap};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

/// The only part of a record that Lambda filters by.
const FILTERED: &str = "dynamodb";
/// The name of the member with a number in an attribute of DynamoDB.
const NUMBER: &str = "N";

/// A pattern that a record matches or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Pattern);

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq)]
enum Pattern {
    /// All members must match.
    All(BTreeMap<String, Self>),
    /// One of the rules must match.
    Any(Vec<Rule>),
}

/// A rule for a value.
#[derive(Clone, Debug, PartialEq)]
enum Rule {
    Equals(Value),
    AnythingBut(Vec<Value>),
    Prefix(String),
    Exists,
    Absent,
    Numeric(Vec<(Comparison, f64)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Filter {
    /// Parses a pattern.
    ///
    /// # Errors
    /// If the pattern is not JSON, filters by something other than `dynamodb`, or has an operator that is not imitated.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let value: Value = serde_json::from_str(text).context("the pattern is not JSON")?;
        let names = value.as_object().context("the pattern is not an object")?.keys();
        for name in names {
            ensure!(name == FILTERED, "Lambda filters a stream by {FILTERED}, not by {name}");
        }
        Ok(Self(pattern(&value)?))
    }

    /// Returns whether a record matches. The record has the form that the function gets.
    #[must_use]
    pub fn matches(&self, record: &Value) -> bool {
        self.0.matches("", Some(record))
    }
}

impl Pattern {
    fn matches(&self, name: &str, value: Option<&Value>) -> bool {
        match self {
            Self::All(members) => members
                .iter()
                .all(|(name, pattern)| pattern.matches(name, value.and_then(|value| value.get(name)))),
            Self::Any(rules) => {
                let leaves = leaves(value);
                rules.iter().any(|rule| rule.matches(name, &leaves))
            }
        }
    }
}

impl Rule {
    fn matches(&self, name: &str, leaves: &[&Value]) -> bool {
        let any = |matches: &dyn Fn(&Value) -> bool| leaves.iter().any(|leaf| matches(leaf));
        match self {
            Self::Exists => !leaves.is_empty(),
            Self::Absent => leaves.is_empty(),
            Self::Equals(expected) => any(&|leaf| is_equal(leaf, expected)),
            Self::AnythingBut(refused) => any(&|leaf| !refused.iter().any(|refused| is_equal(leaf, refused))),
            Self::Prefix(prefix) => any(&|leaf| leaf.as_str().is_some_and(|text| text.starts_with(prefix.as_str()))),
            Self::Numeric(bounds) => any(&|leaf| {
                let is_within = |number| {
                    bounds
                        .iter()
                        .all(|(comparison, bound)| comparison.holds(number, *bound))
                };
                number_of(name, leaf).is_some_and(is_within)
            }),
        }
    }
}

impl Comparison {
    fn parse(text: &str) -> anyhow::Result<Self> {
        Ok(match text {
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            "=" => Self::Equal,
            ">=" => Self::GreaterOrEqual,
            ">" => Self::Greater,
            other => bail!("numeric has no operator {other}"),
        })
    }

    fn holds(self, number: f64, bound: f64) -> bool {
        let order = number.partial_cmp(&bound);
        match self {
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::Equal => order == Some(Ordering::Equal),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Self::Greater => order == Some(Ordering::Greater),
        }
    }
}

fn pattern(value: &Value) -> anyhow::Result<Pattern> {
    if let Some(members) = value.as_object() {
        let parse = |(name, value): (&String, &Value)| {
            ensure!(!name.starts_with('$'), "{name} is not imitated");
            Ok((name.clone(), pattern(value).with_context(|| format!("in {name}"))?))
        };
        return Ok(Pattern::All(members.iter().map(parse).collect::<anyhow::Result<_>>()?));
    }
    let rules = value
        .as_array()
        .context("a pattern ends in a list of values and rules")?;
    ensure!(!rules.is_empty(), "a list without values and rules matches nothing");
    Ok(Pattern::Any(rules.iter().map(rule).collect::<anyhow::Result<_>>()?))
}

fn rule(value: &Value) -> anyhow::Result<Rule> {
    let Some(members) = value.as_object() else {
        ensure!(!value.is_array(), "a list within a list is not imitated");
        return Ok(Rule::Equals(value.clone()));
    };
    let mut members = members.iter();
    let (operator, argument) = members.next().context("a rule without an operator")?;
    ensure!(members.next().is_none(), "a rule has one operator");
    match operator.as_str() {
        "exists" => match argument.as_bool() {
            Some(true) => Ok(Rule::Exists),
            Some(false) => Ok(Rule::Absent),
            None => bail!("exists is neither true nor false"),
        },
        "prefix" => {
            let prefix = argument.as_str().context("prefix is not a string")?;
            Ok(Rule::Prefix(prefix.to_owned()))
        }
        "anything-but" => {
            let refused = argument.as_array().cloned();
            let refused = refused.unwrap_or_else(|| vec![argument.clone()]);
            ensure!(
                refused.iter().all(|value| value.is_string() || value.is_number()),
                "only strings and numbers are imitated in anything-but"
            );
            Ok(Rule::AnythingBut(refused))
        }
        "numeric" => numeric(argument),
        other => bail!("the operator {other} is not imitated"),
    }
}

/// Parses pairs of a comparison and a number, such as `[">", 0, "<=", 5]`.
fn numeric(argument: &Value) -> anyhow::Result<Rule> {
    let parts = argument.as_array().context("numeric is not a list")?;
    let bounds = parts.chunks(2).map(|pair| {
        let [comparison, bound] = pair else {
            bail!("numeric has an operator without a number");
        };
        let comparison = Comparison::parse(comparison.as_str().context("numeric has no operator")?)?;
        Ok((comparison, bound.as_f64().context("numeric has no number")?))
    });
    let bounds: Vec<_> = bounds.collect::<anyhow::Result<_>>()?;
    ensure!(!bounds.is_empty(), "numeric has no operator");
    Ok(Rule::Numeric(bounds))
}

/// Returns the values at the end of a path: one, several if it is a list, or none if it is an object or not there.
fn leaves(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None => Vec::new(),
        Some(value) if value.is_object() => Vec::new(),
        Some(value) => value.as_array().map_or_else(
            || vec![value],
            |items| items.iter().filter(|item| !item.is_object()).collect(),
        ),
    }
}

fn is_equal(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => Comparison::Equal.holds(left, right),
        _ => left == right,
    }
}

/// Returns the number in a value. DynamoDB writes the numbers of attributes as strings.
fn number_of(name: &str, value: &Value) -> Option<f64> {
    let of_attribute = || value.as_str().filter(|_| name == NUMBER)?.parse().ok();
    value.as_f64().or_else(of_attribute)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::equal(json!({"purpose": {"S": ["reset", "register"]}}), true)]
    #[case::another(json!({"purpose": {"S": ["invite"]}}), false)]
    #[case::both(json!({"purpose": {"S": ["reset"]}, "asks": {"N": ["2"]}}), true)]
    #[case::one_of_both(json!({"purpose": {"S": ["reset"]}, "asks": {"N": ["3"]}}), false)]
    #[case::there(json!({"purpose": {"S": [{"exists": true}]}}), true)]
    #[case::of_another_type(json!({"purpose": {"N": [{"exists": true}]}}), false)]
    #[case::not_there(json!({"sent_at": {"N": [{"exists": true}]}}), false)]
    #[case::absent(json!({"sent_at": {"N": [{"exists": false}]}}), true)]
    #[case::not_absent(json!({"purpose": {"S": [{"exists": false}]}}), false)]
    #[case::an_object_is_no_leaf(json!({"purpose": [{"exists": true}]}), false)]
    #[case::prefix(json!({"key": {"S": [{"prefix": "to#"}]}}), true)]
    #[case::no_prefix(json!({"key": {"S": [{"prefix": "o#"}]}}), false)]
    #[case::anything_but(json!({"purpose": {"S": [{"anything-but": ["invite"]}]}}), true)]
    #[case::nothing_but(json!({"purpose": {"S": [{"anything-but": "reset"}]}}), false)]
    #[case::anything_but_what_is_absent(json!({"sent_at": {"N": [{"anything-but": "1"}]}}), false)]
    #[case::range(json!({"asks": {"N": [{"numeric": [">", 1, "<=", 2]}]}}), true)]
    #[case::below(json!({"asks": {"N": [{"numeric": ["<", 2]}]}}), false)]
    #[case::at_least(json!({"asks": {"N": [{"numeric": [">=", 2.0]}]}}), true)]
    #[case::same(json!({"asks": {"N": [{"numeric": ["=", 2]}]}}), true)]
    #[case::digits_in_a_string(json!({"digits": {"S": [{"numeric": ["=", 2]}]}}), false)]
    #[case::in_a_set(json!({"set": {"SS": ["b"]}}), true)]
    #[case::not_in_a_set(json!({"set": {"SS": ["c"]}}), false)]
    #[case::one_of_two_rules(json!({"key": {"S": ["x", {"prefix": "to"}]}}), true)]
    fn a_record_matches_all_members_and_one_rule_of_each(#[case] image: Value, #[case] expected: bool) {
        let filter = Filter::parse(&json!({"dynamodb": {"NewImage": image}}).to_string()).unwrap();
        let record = json!({"eventName": "INSERT", "dynamodb": {"NewImage": {
            "key": {"S": "to#1"}, "purpose": {"S": "reset"}, "asks": {"N": "2"}, "digits": {"S": "2"},
            "set": {"SS": ["a", "b"]},
        }}});

        assert_eq!(filter.matches(&record), expected);
    }

    #[test]
    fn a_removed_item_has_no_image_to_match() {
        let filter = json!({"dynamodb": {"NewImage": {
            "purpose": {"S": [{"exists": true}]}, "sent_at": {"N": [{"exists": false}]},
        }}});
        let filter = Filter::parse(&filter.to_string()).unwrap();

        assert!(!filter.matches(&json!({"eventName": "REMOVE", "dynamodb": {"Keys": {"key": {"S": "to#1"}}}})));
    }

    #[rstest]
    #[case("{", "the pattern is not JSON")]
    #[case("[]", "the pattern is not an object")]
    #[case(r#"{"eventName":["INSERT"]}"#, "by dynamodb, not by eventName")]
    #[case(r#"{"dynamodb":{"a":"b"}}"#, "in a: a pattern ends in a list")]
    #[case(r#"{"dynamodb":{"a":[]}}"#, "matches nothing")]
    #[case(r#"{"dynamodb":{"a":[["b"]]}}"#, "a list within a list")]
    #[case(r#"{"dynamodb":{"a":[{}]}}"#, "a rule without an operator")]
    #[case(r#"{"dynamodb":{"a":[{"prefix":"b","exists":true}]}}"#, "one operator")]
    #[case(r#"{"dynamodb":{"a":[{"suffix":"b"}]}}"#, "the operator suffix is not imitated")]
    #[case(
        r#"{"dynamodb":{"a":[{"anything-but":{"prefix":"b"}}]}}"#,
        "only strings and numbers"
    )]
    #[case(r#"{"dynamodb":{"$or":[{"a":["b"]}]}}"#, "$or is not imitated")]
    #[case(r#"{"dynamodb":{"a":[{"exists":1}]}}"#, "neither true nor false")]
    #[case(r#"{"dynamodb":{"a":[{"prefix":1}]}}"#, "prefix is not a string")]
    #[case(r#"{"dynamodb":{"a":[{"numeric":[]}]}}"#, "numeric has no operator")]
    #[case(r#"{"dynamodb":{"a":[{"numeric":[">"]}]}}"#, "without a number")]
    #[case(r#"{"dynamodb":{"a":[{"numeric":["!",1]}]}}"#, "no operator !")]
    #[case(r#"{"dynamodb":{"a":[{"numeric":[">","1"]}]}}"#, "numeric has no number")]
    fn every_other_pattern_is_refused(#[case] pattern: &str, #[case] expected: &str) {
        let error = Filter::parse(pattern).unwrap_err();

        assert!(format!("{error:#}").contains(expected), "{error:#}");
    }
}
