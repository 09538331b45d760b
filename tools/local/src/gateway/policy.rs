//! The part of IAM policies that authorizers use.

use serde_json::Value;

/// Returns whether a policy document allows an ARN. An explicit Deny overrides every Allow, and an ARN without a
/// matching statement is refused (documented).
#[must_use]
pub fn allows(document: &Value, arn: &str) -> bool {
    let statements = document.get("Statement").and_then(Value::as_array);
    let naming = |effect: &str| {
        statements.into_iter().flatten().any(|statement| {
            let says = statement.get("Effect").and_then(Value::as_str) == Some(effect);
            says && one_or_more(statement.get("Action")).any(|action| matches(action, "execute-api:Invoke"))
                && one_or_more(statement.get("Resource")).any(|resource| matches(resource, arn))
        })
    };
    naming("Allow") && !naming("Deny")
}

fn one_or_more(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let several = value.and_then(Value::as_array).into_iter().flatten();
    value.into_iter().chain(several).filter_map(Value::as_str)
}

/// Returns whether a pattern matches the whole of `text`: `*` matches any string, including slashes, and `?` matches
/// one character.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pattern_rest = pattern.chars();
    match (pattern_rest.next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            let rest = pattern_rest.as_str();
            matches(rest, text)
                || text.char_indices().any(|(at, one)| {
                    text.get(at.saturating_add(one.len_utf8())..)
                        .is_some_and(|after| matches(rest, after))
                })
        }
        (Some(wanted), Some(found)) if wanted == '?' || wanted == found => text
            .get(found.len_utf8()..)
            .is_some_and(|after| matches(pattern_rest.as_str(), after)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case("*", "anything/at/all", true)]
    #[case("a/*", "a/b/c", true)]
    #[case("a/*/c", "a/b/d/c", true)]
    #[case("a/?", "a/b", true)]
    #[case("a/?", "a/", false)]
    #[case("a/*", "b/a/", false)]
    #[case("", "", true)]
    #[case("", "a", false)]
    fn a_star_spans_slashes(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(matches(pattern, text), expected);
    }

    #[test]
    fn deny_takes_precedence_over_allow_and_no_match_is_a_refusal() {
        let statement = |effect: &str, resource: &str| json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": [resource]});
        let document = json!({"Statement": [statement("Allow", "x/*"), statement("Deny", "x/admin")]});

        assert!(allows(&document, "x/reports"));
        assert!(!allows(&document, "x/admin"));
        assert!(!allows(&document, "y"));
        assert!(!allows(&json!({"Statement": []}), "x"));
    }
}
