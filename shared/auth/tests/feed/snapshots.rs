//! The encoding of snapshots: a snapshot decodes to exactly what was encoded, and a damaged snapshot does not decode.

use auth::feed::{Cursor, Revocations, Snapshot};
use claims::Moment;
use proptest::prelude::*;

use crate::{
    model::{announcement, tokens},
    token::NOW,
};

proptest! {
    #[test]
    fn a_snapshot_is_decoded_unchanged(announced in prop::collection::vec(announcement(), 0..20)) {
        let snapshot = snapshot(&announced);

        prop_assert_eq!(Snapshot::decode(&snapshot.encode().unwrap()), Some(snapshot));
    }

    #[test]
    fn a_wrong_missing_or_extra_byte_makes_a_snapshot_invalid(
        announced in prop::collection::vec(announcement(), 0..6),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let whole = snapshot(&announced).encode().unwrap();
        let at = at.index(whole.len());

        let mut flipped = whole.clone();
        flipped[at] ^= 1_u8 << bit;
        let (cut, longer) = (&whole[..at], [&whole[..], &whole[at..]].concat());

        for torn in [&flipped[..], cut, &longer] {
            prop_assert_eq!(Snapshot::decode(torn), None);
        }
    }

    #[test]
    fn a_snapshot_and_later_announcements_equal_all_announcements(
        announced in prop::collection::vec(announcement(), 0..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let cut = cut.index(announced.len().saturating_add(1));
        let snapshot = snapshot(&announced[..cut]).encode().unwrap();

        let mut later = Snapshot::decode(&snapshot).unwrap().revocations;
        for (at, revocation) in &announced[cut..] {
            later.insert(*at, revocation);
        }

        let all = set(&announced);
        for token in tokens() {
            prop_assert_eq!(later.covers(token), all.covers(token), "{:?}", token);
        }
    }
}

#[test]
fn a_session_takes_twenty_bytes() {
    let announced = |sessions: u8| {
        let sessions = (0..sessions).map(|number| {
            (
                NOW,
                auth::feed::Revocation::Session {
                    user_id: claims::UserId::from_uuid([1; 16]),
                    sid: claims::SessionId::from_uuid([number; 16]),
                },
            )
        });
        snapshot(&sessions.collect::<Vec<_>>()).encode().unwrap().len()
    };

    assert_eq!(announced(100), announced(0) + 100 * 20);
}

fn snapshot(announced: &[(claims::Timestamp, auth::feed::Revocation)]) -> Snapshot {
    Snapshot {
        revocations: set(announced),
        after: Cursor::from_millis(Moment::new(1_700_000_000_123)),
    }
}

fn set(announced: &[(claims::Timestamp, auth::feed::Revocation)]) -> Revocations {
    let mut set = Revocations::default();
    for (at, revocation) in announced {
        set.insert(*at, revocation);
    }
    set
}
