//! Which of several APIs something is about.

/// Whether what is about an API is about this one; true where it is about every API, or it is not known which one asks.
pub(crate) fn is_about(wanted: Option<&str>, asking: Option<&str>) -> bool {
    wanted.zip(asking).is_none_or(|(wanted, asking)| wanted == asking)
}
