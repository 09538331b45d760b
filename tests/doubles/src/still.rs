//! A clock that stands still.

use claims::{Clock, Moment};

use crate::NOW;

/// A clock that always shows [`NOW`].
#[derive(Clone, Copy, Debug)]
pub struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        NOW
    }
}
