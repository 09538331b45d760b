//! Rules that each have one error, to show that the model detects it.

use std::cmp::Ordering;

use auth::session::{Decision, Rotation, Session};
use claims::Span;

use crate::rule::{Decide, Order, PRODUCTION, Rule};

/// A rule that forgives a late replay in every generation.
pub(crate) const FORGIVES_ALWAYS: Rule = deciding(|session, presented, now, rule| {
    let forgetful = Session {
        recovered_generation: None,
        ..session.clone()
    };
    forgetful.decide(presented, now, rule)
});

/// A rule that forgives no late replay.
pub(crate) const FORGIVES_NOTHING: Rule = deciding(|session, presented, now, rule| {
    instead(Decision::Recover, Decision::Theft, session.decide(presented, now, rule))
});

/// A rule that forgives a late replay, but not its retries in the same generation.
pub(crate) const FORGIVES_NO_RETRY: Rule = deciding(|session, presented, now, rule| {
    let recovered = session.recovered_generation == Some(session.generation);
    match (recovered, session.decide(presented, now, rule)) {
        (true, Decision::Recover) => Decision::Theft,
        (_, decision) => decision,
    }
});

/// A rule that treats a token of the previous generation as stolen if it is presented within W.
pub(crate) const REPEATS_NO_PARENT: Rule =
    deciding(
        |session, presented, now, rule| match (lag(session, presented), session.decide(presented, now, rule)) {
            (Some(1), Decision::Repeat) => Decision::Theft,
            (_, decision) => decision,
        },
    );

/// A rule that rotates each time that the current generation is presented, even within W.
pub(crate) const REPEATS_NO_CURRENT: Rule =
    deciding(
        |session, presented, now, rule| match (lag(session, presented), session.decide(presented, now, rule)) {
            (Some(0), Decision::Repeat) => Decision::Rotate,
            (_, decision) => decision,
        },
    );

/// A rule that never detects a theft: it answers every earlier generation with the current one again.
pub(crate) const REPEATS_ANYTHING: Rule = deciding(|session, presented, now, rule| {
    instead(Decision::Theft, Decision::Repeat, session.decide(presented, now, rule))
});

/// A rule that answers a token of the previous generation with the current one again, however late it arrives.
pub(crate) const REPEATS_PARENTS_FOR_EVER: Rule =
    deciding(
        |session, presented, now, rule| match (lag(session, presented), session.decide(presented, now, rule)) {
            (Some(1), Decision::Recover | Decision::Theft) => Decision::Repeat,
            (_, decision) => decision,
        },
    );

/// A rule that answers a token that is two generations old with the current generation again, however late it arrives.
pub(crate) const REPEATS_STRAGGLERS_FOR_EVER: Rule =
    deciding(
        |session, presented, now, rule| match (lag(session, presented), session.decide(presented, now, rule)) {
            (Some(2), Decision::Theft) => Decision::Repeat,
            (_, decision) => decision,
        },
    );

/// A rule that rotates for a late token of the previous generation.
pub(crate) const ROTATES_THE_PARENT: Rule = deciding(|session, presented, now, rule| {
    instead(
        Decision::Recover,
        Decision::Rotate,
        session.decide(presented, now, rule),
    )
});

/// A rule that refuses a stolen token, but leaves its session alive.
pub(crate) const REVOKES_NOTHING: Rule = deciding(|session, presented, now, rule| {
    instead(Decision::Theft, Decision::Refuse, session.decide(presented, now, rule))
});

/// A rule that ignores that a session is revoked.
pub(crate) const FORGETS_REVOCATION: Rule = deciding(|session, presented, now, rule| {
    let forgetful = Session {
        revoked: None,
        ..session.clone()
    };
    forgetful.decide(presented, now, rule)
});

/// A rule that checks for a theft before it checks whether the session has expired.
pub(crate) const ACCUSES_THE_EXPIRED: Rule = deciding(|session, presented, now, rule| {
    let alive = Session {
        idle_expires_at: now.plus(Span::seconds(1)),
        ..session.clone()
    };
    match alive.decide(presented, now, rule) {
        Decision::Theft => Decision::Theft,
        Decision::Rotate | Decision::Repeat | Decision::Recover | Decision::Refuse => {
            session.decide(presented, now, rule)
        }
    }
});

/// A rule that treats a generation later than the stored one as stolen.
pub(crate) const ACCUSES_THE_FUTURE: Rule = deciding(|session, presented, now, rule| {
    lag(session, presented).map_or(Decision::Theft, |_| session.decide(presented, now, rule))
});

/// A rule that refuses a repeated request within the window.
pub(crate) const REFUSES_REPEATS: Rule = deciding(|session, presented, now, rule| {
    instead(Decision::Repeat, Decision::Refuse, session.decide(presented, now, rule))
});

/// A rule that forgives a late replay, but does not record it.
pub(crate) const NOTES_NO_RECOVERY: Rule = Rule {
    recovered: |session, now| Session {
        recovered_generation: session.recovered_generation,
        ..session.recovered(now)
    },
    ..PRODUCTION
};

/// A rule that forgives a late replay, but does not restart the window.
pub(crate) const BEGINS_NO_WINDOW: Rule = Rule {
    recovered: |session, now| Session {
        delivered_at: session.delivered_at,
        ..session.recovered(now)
    },
    ..PRODUCTION
};

/// A rule that forgives a late replay, but answers it with a different token of the same generation.
pub(crate) const RECOVERS_ANOTHER_TOKEN: Rule = Rule {
    recovered: |session, now| Session {
        issued_at: now,
        ..session.recovered(now)
    },
    ..PRODUCTION
};

/// A rule that moves the end of a session at each rotation.
pub(crate) const MOVES_THE_END: Rule = Rule {
    rotated: |session, presented, now, rotation: &Rotation| Session {
        expires_at: session.expires_at.plus(Span::seconds(1)),
        ..session.rotated(presented, now, rotation)
    },
    ..PRODUCTION
};

/// A rule that treats the session's epoch as equal to its user's, whatever they are.
pub(crate) const COMPARES_NO_EPOCHS: Rule = Rule {
    compare: |_, _| Ordering::Equal,
    ..PRODUCTION
};

/// A rule that refuses a session whose epoch is lower than its user's, without reading the session again.
pub(crate) const READS_NO_SESSION_AGAIN: Rule = Rule {
    order: Order::RefusesAtOnce,
    ..PRODUCTION
};

/// A rule that checks for a theft before it compares the epochs.
pub(crate) const ACCUSES_THE_ENDED: Rule = Rule {
    order: Order::AccusesFirst,
    ..PRODUCTION
};

/// A rule that disables a user without raising the epoch.
pub(crate) const DISABLES_WITHOUT_EPOCH: Rule = Rule {
    disabled: |epoch| epoch,
    ..PRODUCTION
};

const fn deciding(decide: Decide) -> Rule {
    Rule { decide, ..PRODUCTION }
}

fn instead(of: Decision, other: Decision, decision: Decision) -> Decision {
    if decision == of { other } else { decision }
}

/// Returns by how many generations a presented token is behind the stored session, or `None` if the token is ahead.
fn lag(session: &Session, presented: u64) -> Option<u64> {
    session.generation.checked_sub(presented)
}
