//! Custom claims: claims that an operator adds to a user's tokens, limited to what a token and the store can hold.

use claims::AccessClaims;
use serde_json::{Map, Number, Value};

/// The reserved names that are not in [`AccessClaims::NAMES`]: claims of every token (RFC 7519 s4.1) or of a refresh
/// token, and claims that describe the token or the login rather than the user (RFC 7800 s3, RFC 8693 s4).
const TAKEN: [&str; 15] = [
    "act", "acr", "amr", "aud", "cnf", "delivery", "exp", "gen", "iat", "iss", "jti", "may_act", "nbf", "sub", "typ",
];
/// The maximum depth of nested values, well below DynamoDB's limit of 32.
const MAX_DEPTH: usize = 16;
/// The smallest absolute value that DynamoDB can store, apart from zero.
const MIN: f64 = 1e-130;
/// The largest absolute value of a number in a claim, slightly below the largest one that DynamoDB can store.
const MAX: f64 = 9.9e125;

/// Why custom claims cannot be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCustomClaims {
    /// A claim has a reserved name.
    #[error("{0:?} is a claim of the token itself")]
    Taken(&'static str),
    /// A claim is nested too deeply, or it has an empty name or a number beyond the limits.
    #[error("values nest at most {MAX_DEPTH} deep, no name is empty, and no number is beyond 1e125")]
    Unstorable,
}

/// Checks that no claim has a reserved name and that all of them can be stored.
pub(crate) fn check(claims: &Map<String, Value>) -> Result<(), InvalidCustomClaims> {
    let mut taken = TAKEN.iter().chain(AccessClaims::NAMES);
    if let Some(name) = taken.find(|name| claims.contains_key(**name)) {
        return Err(InvalidCustomClaims::Taken(name));
    }
    is_object_storable(claims, MAX_DEPTH)
        .then_some(())
        .ok_or(InvalidCustomClaims::Unstorable)
}

fn is_object_storable(object: &Map<String, Value>, depth: usize) -> bool {
    let mut members = object.iter();
    members.all(|(name, value)| !name.is_empty() && is_storable(value, depth))
}

fn is_storable(value: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => is_number_storable(number),
        Value::Array(items) => items.iter().all(|item| is_storable(item, depth)),
        Value::Object(members) => is_object_storable(members, depth),
    }
}

fn is_number_storable(number: &Number) -> bool {
    let magnitude = number.as_f64().unwrap_or(f64::INFINITY).abs();
    magnitude == 0.0 || (MIN..=MAX).contains(&magnitude)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_that_only_the_operator_defines_are_accepted() {
        let tenant = json!({"id": 7, "plans": ["a", null, true, -0.5, 1e125]});
        let claims = Map::from_iter([("tenant".to_owned(), tenant), ("name".to_owned(), json!("Ada"))]);

        assert_eq!(check(&claims), Ok(()));
        assert_eq!(check(&Map::new()), Ok(()));
    }

    #[test]
    fn claims_that_the_token_already_has_are_refused() {
        for name in ["sub", "nbf", "epoch", "cnf"] {
            let claims = Map::from_iter([(name.to_owned(), json!("x"))]);

            assert_eq!(check(&claims), Err(InvalidCustomClaims::Taken(name)));
        }
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
        let cases = [
            (nested(15), true),
            (nested(16), false),
            (json!({"": 1}), false),
            (json!(1e126), false),
            (json!([-1e126]), false),
            (json!(1e-131), false),
            (json!(0), true),
            (json!(u64::MAX), true),
        ];
        for (value, storable) in cases {
            let claims = Map::from_iter([("tenant".to_owned(), value)]);

            assert_eq!(check(&claims).is_ok(), storable, "{claims:?}");
        }
        assert!(check(&Map::from_iter([(String::new(), json!(1))])).is_err());
    }
}
