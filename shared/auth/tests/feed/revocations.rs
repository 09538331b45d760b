//! Which tokens a revocation affects, and for how long.

use auth::feed::{Revocation, Revocations, retention};
use claims::{Span, Timestamp};
use rstest::rstest;

use crate::token::{NOW, token};

#[rstest]
#[case::its_session("ada", "one", true)]
#[case::another_session("ada", "two", false)]
#[case::another_user_s("eve", "one", false)]
fn a_revoked_session_revokes_its_own_tokens(#[case] user: &str, #[case] sid: &str, #[case] revoked: bool) {
    let set = set([session("ada", "one")]);

    assert_eq!(set.covers(&token(user, sid, 0, NOW)), revoked);
}

#[rstest]
#[case::earlier("ada", "two", 4, true)]
#[case::that_one("ada", "two", 5, false)]
#[case::later("ada", "two", 6, false)]
#[case::the_one_that_goes_on("ada", "one", 4, false)]
#[case::another_user_s("eve", "two", 4, false)]
fn a_revoked_epoch_revokes_earlier_tokens_except_of_one_session(
    #[case] user: &str,
    #[case] sid: &str,
    #[case] epoch: u64,
    #[case] revoked: bool,
) {
    let set = set([epoch_from(5, Some("one"))]);

    assert_eq!(set.covers(&token(user, sid, epoch, NOW)), revoked);
}

#[rstest]
#[case::before(-1, true)]
#[case::in_that_second(0, true)]
#[case::after(1, false)]
fn what_was_issued_until_then_is_concerned(#[case] seconds: i64, #[case] revoked: bool) {
    let set = set([Revocation::Issued {
        user_id: "ada".parse().unwrap(),
        until: NOW,
    }]);
    let issued_at = Timestamp::new(NOW.get().saturating_add_signed(seconds));

    assert_eq!(set.covers(&token("ada", "one", 0, issued_at)), revoked);
}

#[test]
fn an_exception_holds_for_one_revocation_only() {
    let set = set([epoch_from(5, Some("one")), epoch_from(6, Some("two"))]);

    assert!(set.covers(&token("ada", "one", 4, NOW)));
    assert!(set.covers(&token("ada", "two", 4, NOW)));
    assert!(!set.covers(&token("ada", "two", 5, NOW)));
}

#[test]
fn an_announcement_is_kept_once_until_no_token_can_be_alive() {
    let mut set = set([session("ada", "one"), session("ada", "one")]);
    assert_eq!(set.len(), 1);

    let end = NOW.plus(retention());
    set.prune(Timestamp::new(end.get().saturating_sub(1)));
    assert_eq!(set.len(), 1);
    set.prune(end);
    assert!(set.is_empty());
}

/// A token with the longest lifetime that can be configured, issued at the time of the announcement.
#[test]
fn a_revocation_is_kept_longer_than_any_token_lives() {
    let longest = Span::seconds(3600);

    assert!(NOW.plus(longest).plus(claims::LEEWAY) < NOW.plus(retention()));
}

fn set<const N: usize>(revocations: [Revocation; N]) -> Revocations {
    let mut set = Revocations::default();
    for revocation in revocations {
        set.insert(NOW, &revocation);
    }
    set
}

fn session(user: &str, sid: &str) -> Revocation {
    Revocation::Session {
        user_id: user.parse().unwrap(),
        sid: sid.parse().unwrap(),
    }
}

fn epoch_from(least: u64, except: Option<&str>) -> Revocation {
    Revocation::Epoch {
        user_id: "ada".parse().unwrap(),
        least,
        except: except.map(|sid| sid.parse().unwrap()),
    }
}
