//! The comparison of the APIs of rules, routes and requests.

/// Returns whether a rule or a route of the API `wanted` applies to the API `asking`. A `wanted` of `None` means every
/// API, and an `asking` of `None` an unknown one. Both match any other value.
pub(crate) fn is_about(wanted: Option<&str>, asking: Option<&str>) -> bool {
    wanted.zip(asking).is_none_or(|(wanted, asking)| wanted == asking)
}
