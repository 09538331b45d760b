//! The bounds of a check. Within them, the model checker visits every state.

use crate::world::{Address, Purpose};

/// The bounds of one check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Where the owner has an account at the beginning, if there is one.
    pub(crate) account: Option<Address>,
    /// The purposes for which mail is requested.
    pub(crate) purposes: &'static [Purpose],
    /// The addresses for which mail is requested.
    pub(crate) addresses: &'static [Address],
    /// How often one record of the stream is delivered at most.
    pub(crate) deliveries: u8,
    /// The number of seconds that pass.
    pub(crate) seconds: u8,
    /// The maximum number of requests for one address. The rule allows no more within the seconds of a check.
    pub(crate) requests: usize,
}

/// The owner has an account, and moves away from the only address for which mail is requested.
pub(crate) const RESETS: Bounds = Bounds {
    account: Some(Address::First),
    purposes: &[Purpose::Reset],
    addresses: &[Address::First],
    deliveries: 2,
    seconds: 2,
    requests: 3,
};

/// The owner has an account, and mail is requested for both addresses.
pub(crate) const MOVES: Bounds = Bounds {
    addresses: &[Address::First, Address::Second],
    deliveries: 1,
    seconds: 0,
    requests: 2,
    ..RESETS
};

/// Nobody has an account yet.
pub(crate) const REGISTRATIONS: Bounds = Bounds {
    account: None,
    purposes: &[Purpose::Register],
    ..RESETS
};

/// Nobody has an account yet, and later it is reset.
pub(crate) const BOTH: Bounds = Bounds {
    account: None,
    purposes: &[Purpose::Register, Purpose::Reset],
    addresses: &[Address::First],
    deliveries: 1,
    ..RESETS
};
