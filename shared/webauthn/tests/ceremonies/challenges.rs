//! Challenges: what they contain, and that none is accepted after a change.

use proptest::prelude::*;
use webauthn::{ChallengeTerms, InvalidChallenge, LIFETIME, Purpose};

use crate::harness::{NOW, key, terms};

const PURPOSES: [Purpose; 4] = [Purpose::Login, Purpose::SecondStep, Purpose::Register, Purpose::Confirm];

#[test]
fn a_challenge_has_its_documented_form() {
    let challenge = terms(&key(), Purpose::Register).issue(NOW, [7; 16]);

    let bytes = challenge.as_bytes();
    assert_eq!(bytes.len(), 41);
    assert_eq!(bytes[0], 3);
    assert_eq!(bytes[1..9], (NOW.get() + LIFETIME.get()).to_be_bytes());
    assert_eq!(bytes[9..25], [7; 16]);
    assert_eq!(challenge.to_base64url().len(), 55);
}

#[test]
fn a_checked_challenge_is_the_issued_one() {
    for purpose in PURPOSES {
        let key = key();
        let random = std::array::from_fn(|index| u8::try_from(index).unwrap());

        let issued = terms(&key, purpose).issue(NOW, random);
        let checked = terms(&key, purpose).check(issued.as_bytes(), NOW).unwrap();

        assert_eq!(checked, issued);
        assert_eq!(checked.random(), random);
        assert_eq!(checked.entropy(), random[..10]);
        assert_eq!(checked.expires_at(), NOW.plus(LIFETIME));
    }
}

#[test]
fn a_challenge_for_one_purpose_is_refused_for_every_other() {
    let key = key();
    for purpose in PURPOSES {
        let challenge = terms(&key, purpose).issue(NOW, [7; 16]);
        for other in PURPOSES {
            let expected = if other == purpose {
                Ok(())
            } else {
                Err(InvalidChallenge::OtherPurpose)
            };

            let found = terms(&key, other).check(challenge.as_bytes(), NOW).map(|_| ());

            assert_eq!(found, expected, "{purpose:?}, {other:?}");
        }
    }
}

#[test]
fn no_part_of_the_binding_can_move_into_the_challenge() {
    let key = key();
    let bound = |binding| ChallengeTerms {
        binding,
        ..terms(&key, Purpose::Login)
    };
    let challenge = bound(b"ab").issue(NOW, [7; 16]);

    for binding in [&b""[..], b"a", b"b", b"abc", b"a\0b"] {
        let found = bound(binding).check(challenge.as_bytes(), NOW);
        assert_eq!(found, Err(InvalidChallenge::Foreign));
    }
}

proptest! {
    #[test]
    fn a_challenge_with_a_changed_byte_is_refused(position in 0..41_usize, change in 1..=u8::MAX) {
        let key = key();
        let mut bytes = terms(&key, Purpose::Login).issue(NOW, [7; 16]).as_bytes().to_vec();
        bytes[position] ^= change;

        prop_assert_eq!(terms(&key, Purpose::Login).check(&bytes, NOW), Err(InvalidChallenge::Foreign));
    }

    #[test]
    fn other_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let key = key();

        prop_assert_eq!(terms(&key, Purpose::Login).check(&bytes, NOW), Err(InvalidChallenge::Foreign));
    }
}
