//! Following a source: keeping a copy of its content, and reading the source again when due.

mod error;
mod followed;
mod freshness;
mod on_failure;

pub use error::{FollowError, InvalidText};
pub use followed::{Followed, Source};
pub(crate) use freshness::{Freshness, KeyAction};
pub use on_failure::{Following, OnFailure};
