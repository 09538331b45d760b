//! The rules of `routes.toml`, as the build script has checked and written them.

use crate::rules::Rules;

impl Rules {
    /// The rules of `routes.toml`.
    #[must_use]
    pub fn built_in() -> Self {
        include!(concat!(env!("OUT_DIR"), "/routes.rs"))
    }
}
