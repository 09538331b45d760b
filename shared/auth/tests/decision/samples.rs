//! Sample sessions and rules for decisions, and generators of arbitrary ones.

use auth::session::{ClientDetails, Recovery, RefreshRule, RevokeReason, Session};
use claims::{Amr, LEEWAY, SessionId, Span, Timestamp, UserId};
use proptest::{option, prelude::*};

pub(crate) const NOW: Timestamp = Timestamp::new(1_700_000_000);
/// The generation of the session that [`alive`] returns.
pub(crate) const CURRENT: u64 = 7;
pub(crate) const RULE: RefreshRule = RefreshRule {
    window: Span::seconds(10),
    recovery: Recovery::On,
};

/// Returns the time that is `age` seconds before [`NOW`].
pub(crate) fn ago(age: i64) -> Timestamp {
    Timestamp::new(NOW.get().saturating_add_signed(age.saturating_neg()))
}

#[expect(clippy::unwrap_used, reason = "both names are well-formed")]
pub(crate) fn alive() -> Session {
    Session {
        user_id: UserId::parse("user").unwrap(),
        sid: SessionId::parse("session").unwrap(),
        generation: CURRENT,
        issued_at: NOW,
        delivered_at: None,
        previous_delivered_at: None,
        recovered_generation: None,
        idle_expires_at: NOW.plus(LEEWAY),
        expires_at: NOW.plus(LEEWAY),
        epoch: 0,
        revoked: None,
        created_at: NOW,
        auth_time: NOW,
        amr: Amr::PASSWORD,
        client: ClientDetails::default(),
        is_new_device: false,
    }
}

/// Generates any number. Very small numbers, very large ones and times close to [`NOW`] are frequent.
pub(crate) fn number() -> impl Strategy<Value = u64> {
    let near = (-40..=40_i64).prop_map(|age| ago(age).get());
    prop_oneof![any::<u64>(), 0..=40_u64, u64::MAX - 40..=u64::MAX, near]
}

pub(crate) fn any_rule() -> impl Strategy<Value = RefreshRule> {
    let recovery = prop_oneof![Just(Recovery::On), Just(Recovery::Off)];
    (number(), recovery).prop_map(|(window, recovery)| RefreshRule {
        window: Span::seconds(window),
        recovery,
    })
}

/// Generates a session with arbitrary generations and times.
pub(crate) fn any_session() -> impl Strategy<Value = Session> {
    let moment = || number().prop_map(Timestamp::new);
    let revoked = option::weighted(0.2, moment().prop_map(|at| (at, RevokeReason::Logout)));
    let ends = (moment(), moment(), revoked);
    (
        number(),
        option::of(moment()),
        option::of(moment()),
        option::of(number()),
        ends,
    )
        .prop_map(
            |(generation, delivered_at, previous_delivered_at, recovered_generation, ends)| Session {
                generation,
                delivered_at,
                previous_delivered_at,
                recovered_generation,
                idle_expires_at: ends.0,
                expires_at: ends.1,
                revoked: ends.2,
                ..alive()
            },
        )
}

/// Generates a session with times close to [`NOW`].
pub(crate) fn recent_session() -> impl Strategy<Value = Session> {
    let moment = || (-60..60_i64).prop_map(ago);
    let generations = (0..10_u64, option::of(0..10_u64));
    (
        generations,
        option::of(moment()),
        option::of(moment()),
        moment(),
        moment(),
    )
        .prop_map(
            |((generation, recovered_generation), delivered_at, previous_delivered_at, idle, end)| Session {
                generation,
                delivered_at,
                previous_delivered_at,
                recovered_generation,
                idle_expires_at: idle,
                expires_at: end,
                ..alive()
            },
        )
}

/// Returns this session with all its times moved later by `span`. The session must not be revoked, because the time of
/// a revocation is not moved.
pub(crate) fn later(session: &Session, span: Span) -> Session {
    Session {
        issued_at: session.issued_at.plus(span),
        delivered_at: session.delivered_at.map(|at| at.plus(span)),
        previous_delivered_at: session.previous_delivered_at.map(|at| at.plus(span)),
        idle_expires_at: session.idle_expires_at.plus(span),
        expires_at: session.expires_at.plus(span),
        created_at: session.created_at.plus(span),
        auth_time: session.auth_time.plus(span),
        ..session.clone()
    }
}
