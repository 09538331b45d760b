//! The payload formats of API Gateway.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The payload format in which a function must answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// REST API, and HTTP API with payload format 1.0.
    V1,
    /// HTTP API with payload format 2.0.
    V2,
}

impl Format {
    /// Returns the format of an event with this version. Any version but `2.0` counts as 1.0.
    pub(super) fn from_version(version: Option<&Value>) -> Self {
        match version {
            Some(version) if version == "2.0" => Self::V2,
            _ => Self::V1,
        }
    }

    /// Returns the format of a payload that may be malformed.
    pub(super) fn guess_from_payload(payload: &str) -> Self {
        #[derive(Deserialize)]
        struct Versioned {
            version: Value,
        }
        let versioned: Option<Versioned> = serde_json::from_str(payload).ok();
        Self::from_version(versioned.map(|versioned| versioned.version).as_ref())
    }

    /// Returns the authorizer's context from the event's member `authorizer`. In format 2.0, the context is in the
    /// member `lambda`. In format 1.0, the gateway adds a member of its own to the context. This member is removed, and
    /// so are members that are `null`.
    pub(super) fn authorizer_context(self, mut authorizer: Map<String, Value>) -> Map<String, Value> {
        match self {
            Self::V1 => {
                authorizer.retain(|name, value| name != "integrationLatency" && !value.is_null());
                authorizer
            }
            Self::V2 => match authorizer.remove("lambda") {
                Some(Value::Object(context)) => context,
                _ => Map::new(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Map, Value, json};

    use super::super::{
        read,
        tests::{v1, v2},
    };

    #[rstest]
    #[case::nothing(json!(null))]
    #[case::of_the_gateway(json!({"integrationLatency": 1, "claims": null, "scopes": null}))]
    fn an_api_without_authorizer_passes_nothing_on(#[case] authorizer: Value) {
        for event in [
            v1(json!({"requestContext": {"authorizer": authorizer}})),
            v2(json!({"requestContext": {"http": {"method": "GET"}, "authorizer": authorizer}})),
            v2(json!({"requestContext": {"http": {"method": "GET"}, "authorizer": {"lambda": null}}})),
        ] {
            let request = read(&event).1.unwrap();

            assert_eq!(request.authorizer, Map::default());
        }
    }
}
