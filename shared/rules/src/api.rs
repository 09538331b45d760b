//! The comparison of the APIs of rules, routes and requests.

/// Returns whether a rule or a route of the API `wanted` applies to the API `asking`. If `wanted` is `None`, the rule
/// or route is for every API. If `asking` is `None`, it stands for an unknown API or for every API. In both cases, the
/// result is `true`.
pub(crate) fn is_about(wanted: Option<&str>, asking: Option<&str>) -> bool {
    wanted.zip(asking).is_none_or(|(wanted, asking)| wanted == asking)
}
