//! The maximum delays with which keys are read: those that the design promises for our own readers, and those of other
//! verifiers.

use auth::keys::KEYS_STALE;
use claims::Span;
use keygen::LEAD;

/// The maximum age of a process's copy of the keys before the process reads the keys again. If the read fails, the
/// process uses the old copy up to the age [`KEYS_STALE`].
pub(crate) const POLL: Span = Span::seconds(300);
/// The maximum delay of other verifiers: API Gateway's JWT authorizers cache the keys for 2 hours, HTTP caches for 5
/// minutes, and the function `jwks` for 5 seconds.
pub(crate) const OTHERS: Span = Span::seconds(2 * 60 * 60 + 300 + 5);

#[test]
fn a_successor_is_published_for_longer_than_any_reader_is_late() {
    assert!(LEAD > OTHERS);
    assert!(LEAD > KEYS_STALE.plus(POLL));
}
