//! A model of revocations: a plain list of all announcements, with which the real set is compared.

use std::sync::OnceLock;

use auth::feed::{Revocation, Revocations, retention};
use claims::{Access, Claims, Span, Timestamp};
use proptest::prelude::*;

use crate::token::{NOW, token};

const USERS: [&str; 2] = ["ada", "01a2108a-621e-79da-a158-729f76b918c0"];
const SESSIONS: [&str; 3] = [
    "one",
    "01a2108a-621e-79da-a158-729f76b918c1",
    "01a2108a-621e-79da-a158-729f76b918c2",
];
const EPOCHS: u64 = 5;
/// The two times at which tokens are issued, in seconds after [`NOW`].
const ISSUED: [u64; 2] = [0, 10];

/// The model: all announcements, each with its time.
#[derive(Debug, Default)]
struct Model(Vec<(Timestamp, Revocation)>);

impl Model {
    fn covers(&self, token: &Claims<Access>) -> bool {
        self.0.iter().any(|(_, revocation)| concerns(revocation, token))
    }

    fn prune(&mut self, now: Timestamp) {
        self.0.retain(|(at, _)| now < at.plus(retention()));
    }
}

fn concerns(revocation: &Revocation, token: &Claims<Access>) -> bool {
    let is_theirs = revocation.user_id() == token.sub();
    is_theirs
        && match revocation {
            Revocation::Session { sid, .. } => sid == token.sid(),
            Revocation::Epoch { least, except, .. } => {
                token.own().epoch < *least && except.as_ref() != Some(token.sid())
            }
            Revocation::Issued { until, .. } => token.iat() <= *until,
        }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_set_decides_like_the_list_of_all_announcements(announced in prop::collection::vec(announcement(), 0..12)) {
        let (mut model, mut set) = (Model::default(), Revocations::default());

        for (at, revocation) in announced {
            set.insert(at, &revocation);
            model.0.push((at, revocation));

            for token in tokens() {
                prop_assert_eq!(set.covers(token), model.covers(token), "{:?}", token);
            }
        }
    }

    /// The set may keep a revocation longer than the model does, and may therefore refuse a token that has expired. It
    /// never forgets a revocation that the model still has.
    #[test]
    fn the_set_forgets_no_revocation_early_and_invents_none(
        announced in prop::collection::vec((announcement(), 0..1_000_u64), 0..12),
    ) {
        let (mut model, mut all, mut set) = (Model::default(), Model::default(), Revocations::default());
        let mut now = NOW;

        for ((_, revocation), passed) in announced {
            now = now.plus(Span::seconds(passed));
            set.prune(now);
            model.prune(now);
            set.insert(now, &revocation);
            model.0.push((now, revocation.clone()));
            all.0.push((now, revocation));

            for token in tokens() {
                prop_assert!(set.covers(token) || !model.covers(token), "{:?}", token);
                prop_assert!(!set.covers(token) || all.covers(token), "{:?}", token);
            }
        }
        set.prune(now.plus(retention()));
        prop_assert!(set.is_empty());
    }

    #[test]
    fn neither_order_nor_repetition_matters(
        announced in prop::collection::vec(announcement(), 0..8).prop_flat_map(|all| {
            let shuffled = [all.clone(), all.clone()].concat();
            (Just(all), Just(shuffled).prop_shuffle())
        }),
    ) {
        let (once, twice) = announced;
        let set = |all: Vec<(Timestamp, Revocation)>| {
            let mut set = Revocations::default();
            for (at, revocation) in all {
                set.insert(at, &revocation);
            }
            set
        };
        let (once, twice) = (set(once), set(twice));

        for token in tokens() {
            prop_assert_eq!(once.covers(token), twice.covers(token), "{:?}", token);
        }
    }
}

/// Returns a token for each combination of user, session, epoch and time. The tokens are made once.
pub(crate) fn tokens() -> &'static [Claims<Access>] {
    static TOKENS: OnceLock<Vec<Claims<Access>>> = OnceLock::new();
    TOKENS.get_or_init(|| {
        let mut tokens = Vec::new();
        for user in USERS {
            for sid in SESSIONS {
                for epoch in 0..EPOCHS {
                    for issued in ISSUED {
                        tokens.push(token(user, sid, epoch, NOW.plus(Span::seconds(issued))));
                    }
                }
            }
        }
        tokens
    })
}

pub(crate) fn announcement() -> impl Strategy<Value = (Timestamp, Revocation)> {
    let user = prop::sample::select(&USERS[..]);
    let sid = prop::sample::select(&SESSIONS[..]);
    let at = (0..100_u64).prop_map(|seconds| NOW.plus(Span::seconds(seconds)));
    let except = prop::option::of(sid.clone());
    let revocation = prop_oneof![
        1 => (user.clone(), sid).prop_map(|(user, sid)| Revocation::Session {
            user_id: user.parse().unwrap(),
            sid: sid.parse().unwrap(),
        }),
        6 => (user.clone(), 0..=EPOCHS, except).prop_map(|(user, least, except)| Revocation::Epoch {
            user_id: user.parse().unwrap(),
            least,
            except: except.map(|sid| sid.parse().unwrap()),
        }),
        1 => (user, 0..20_u64).prop_map(|(user, until)| Revocation::Issued {
            user_id: user.parse().unwrap(),
            until: Timestamp::new(NOW.get().saturating_sub(5).saturating_add(until)),
        }),
    ];
    (at, revocation)
}
