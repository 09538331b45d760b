//! How late a reader may be: what the design promises of every one of them, and what verifiers of others do.

use auth::keys::KEYS_STALE;
use claims::Seconds;
use keygen::LEAD;

/// What a process reads may be this old when it reads it, and it keeps it for [`KEYS_STALE`] at the most.
pub(crate) const POLL: Seconds = Seconds::new(300);
/// A verifier of others: API Gateway's JWT authorizers keep what they fetched for 2 hours, on the way there it was kept
/// for 5 minutes, and `jwks` may have read it 5 seconds before.
pub(crate) const OTHERS: Seconds = Seconds::new(2 * 60 * 60 + 300 + 5);

#[test]
fn a_successor_is_published_for_longer_than_any_reader_is_late() {
    assert!(LEAD > OTHERS);
    assert!(LEAD > KEYS_STALE.plus(POLL));
}
