//! Comparing the APIs of rules, routes and requests.

/// Returns whether a rule or route of the API `wanted` applies to the API `asking`. `None` means every API, or an
/// unknown one.
pub(crate) fn is_about(wanted: Option<&str>, asking: Option<&str>) -> bool {
    wanted.zip(asking).is_none_or(|(wanted, asking)| wanted == asking)
}
