//! The laws of the ports of second factors.

use std::collections::BTreeMap;

use auth::{
    factor::{
        ChangeFactors, EnrolTotp, Factors, FindFactors, NewTotp, OpenWithFactor, RecoveryHash, ResetFactors,
        SealedSeed, Slot, Spend, Step, StepUp, Totp,
    },
    session::{FindSession, OpenSessions, Session},
    user::{FactorKinds, User},
};
use claims::{Amr, Moment, Span};
use doubles::Everyone;
use futures::future::join_all;

use crate::{
    laws,
    sessions::session,
    users::{add, user},
};

laws! { users with factors and sessions:
    an_enrolment_changes_the_factors_the_user_and_the_session
    a_user_has_one_app_and_other_sessions_do_not_stop_it
    of_fifty_uses_of_one_code_one_opens_a_session
    of_fifty_uses_of_one_recovery_code_one_opens_a_session
    earlier_codes_are_used_up_with_a_later_one
    a_session_is_opened_once_and_a_refusal_uses_nothing_up
    a_changed_user_opens_no_session
    a_step_up_keeps_the_generation_and_uses_the_code_up
    the_last_factor_takes_the_recovery_codes_with_it
    new_recovery_codes_replace_all_others
    a_reset_removes_all_factors_and_ends_all_sessions
}

/// The ports of second factors.
trait Ports: FindFactors + OpenWithFactor + EnrolTotp + ChangeFactors + StepUp + ResetFactors {}
impl<T: FindFactors + OpenWithFactor + EnrolTotp + ChangeFactors + StepUp + ResetFactors> Ports for T {}

/// The ports of sessions.
trait Sessions: OpenSessions + FindSession {}
impl<T: OpenSessions + FindSession> Sessions for T {}

const ADDRESS: &str = "ada@example.com";
const NOW: Moment = Moment::new(1_700_000_000_000);

async fn an_enrolment_changes_the_factors_the_user_and_the_session(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;

    assert!(enrol(factors, &own, 7).await);

    let stored = factors.factors(&ada.id).await.unwrap();
    assert_eq!((stored.totp, stored.recovery), (Some(totp(7)), hashes(0)));
    let changed = users.user(&ada.id).await.unwrap().unwrap();
    assert_eq!((changed.factors, changed.epoch), (FactorKinds::Totp, 1));
    let kept = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();
    let expected = Session {
        epoch: 1,
        amr: Amr::PASSWORD_AND_CODE,
        auth_time: NOW.timestamp(),
        ..own
    };
    assert_eq!(kept, expected);
}

async fn a_user_has_one_app_and_other_sessions_do_not_stop_it(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    assert!(enrol(factors, &own, 7).await);
    let kept = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();

    assert!(!enrol(factors, &own, 8).await, "the session has another epoch");
    assert!(!enrol(factors, &kept, 8).await, "there is an app");

    assert_eq!(factors.factors(&ada.id).await.unwrap().totp, Some(totp(7)));
    assert_eq!(users.user(&ada.id).await.unwrap().unwrap().epoch, 1);
}

async fn of_fifty_uses_of_one_code_one_opens_a_session(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    enrol(factors, &own, 7).await;

    let opened = open_fifty(factors, &ada, &Spend::Step(Step::new(8))).await;

    assert_eq!(opened.len(), 1);
    assert!(sessions.session(&ada.id, &opened[0].sid).await.unwrap().is_some());
    let last = factors.factors(&ada.id).await.unwrap().totp.unwrap().last_step;
    assert_eq!(last, Step::new(8));
}

async fn of_fifty_uses_of_one_recovery_code_one_opens_a_session(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    enrol(factors, &own, 7).await;
    let spend = recovery(3);

    let opened = open_fifty(factors, &ada, &spend).await;

    assert_eq!(opened.len(), 1);
    let left = factors.factors(&ada.id).await.unwrap().recovery;
    let slot = Slot::from_digit("3").unwrap();
    assert_eq!((left.len(), left[&slot]), (10, hash(99)));
}

async fn earlier_codes_are_used_up_with_a_later_one(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    enrol(factors, &own, 7).await;

    for (number, step, expected) in [(1, 7, false), (2, 9, true), (3, 8, false), (4, 9, false), (5, 10, true)] {
        let spend = Spend::Step(Step::new(step));
        let opened = factors.open(&next(&ada, number), &spend, NOW).await.unwrap();

        assert_eq!(opened, expected, "step {step}");
    }
}

async fn a_session_is_opened_once_and_a_refusal_uses_nothing_up(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    enrol(factors, &own, 7).await;
    let session = next(&ada, 1);
    let code = |step| Spend::Step(Step::new(step));

    assert!(factors.open(&session, &code(8), NOW).await.unwrap());
    assert!(!factors.open(&session, &code(9), NOW).await.unwrap());

    assert!(factors.open(&next(&ada, 2), &code(9), NOW).await.unwrap());
}

async fn a_changed_user_opens_no_session(users: &impl Everyone, factors: &impl Ports, sessions: &impl Sessions) {
    let (ada, own) = start(users, sessions).await;
    enrol(factors, &own, 7).await;
    let code = Spend::Step(Step::new(8));
    let of_epoch = |epoch| Session { epoch, ..next(&ada, 1) };

    assert!(!factors.open(&of_epoch(0), &code, NOW).await.unwrap());
    users.disable(&ada.id).await.unwrap();
    assert!(!factors.open(&of_epoch(2), &code, NOW).await.unwrap());
    users.enable(&ada.id).await.unwrap();

    assert!(factors.open(&of_epoch(2), &code, NOW).await.unwrap());
}

async fn a_step_up_keeps_the_generation_and_uses_the_code_up(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    enrol(factors, &own, 7).await;
    let kept = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();
    let at = NOW.timestamp().plus(Span::seconds(60));
    let code = Spend::Step(Step::new(8));
    let step_up = async |session: &Session| {
        factors
            .step_up(session, Amr::PASSWORD_AND_CODE, at, Some(&code), NOW)
            .await
    };

    assert!(!step_up(&own).await.unwrap(), "the session has another epoch");
    assert!(step_up(&kept).await.unwrap());
    assert!(!step_up(&kept).await.unwrap(), "the code is used up");

    let stepped_up = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();
    assert_eq!(stepped_up, Session { auth_time: at, ..kept });
    let again = factors
        .step_up(&stepped_up, Amr::PASSWORD_AND_CODE, at, None, NOW)
        .await;
    assert!(again.unwrap());
}

async fn the_last_factor_takes_the_recovery_codes_with_it(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    enrol(factors, &own, 7).await;
    let seen = factors.factors(&ada.id).await.unwrap();
    let other = Factors {
        totp: Some(Totp {
            sealed: SealedSeed::from_bytes(vec![9; 48]),
            ..totp(7)
        }),
        ..seen.clone()
    };

    assert!(!factors.remove_totp(&ada.id, &other, NOW).await.unwrap());
    assert!(factors.remove_totp(&ada.id, &seen, NOW).await.unwrap());
    assert!(!factors.remove_totp(&ada.id, &seen, NOW).await.unwrap());

    assert_eq!(factors.factors(&ada.id).await.unwrap(), Factors::default());
    assert_eq!(users.user(&ada.id).await.unwrap().unwrap().factors, FactorKinds::None);
}

async fn new_recovery_codes_replace_all_others(users: &impl Everyone, factors: &impl Ports, sessions: &impl Sessions) {
    let (ada, own) = start(users, sessions).await;
    assert!(!factors.replace_recovery(&ada.id, &hashes(50), NOW).await.unwrap());
    enrol(factors, &own, 7).await;

    assert!(factors.replace_recovery(&ada.id, &hashes(50), NOW).await.unwrap());

    assert_eq!(factors.factors(&ada.id).await.unwrap().recovery, hashes(50));
    assert!(!factors.open(&next(&ada, 1), &recovery(3), NOW).await.unwrap());
}

async fn a_reset_removes_all_factors_and_ends_all_sessions(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    enrol(factors, &own, 7).await;

    assert_eq!(
        factors.reset_factors(&ada.id, "lost phone", NOW).await.unwrap(),
        Some(2)
    );

    let left = factors.factors(&ada.id).await.unwrap();
    assert_eq!((left.kinds(), left.recovery.len()), (FactorKinds::None, 0));
    assert_eq!(left.reset.unwrap().reason, "lost phone");
    assert_eq!(users.user(&ada.id).await.unwrap().unwrap().factors, FactorKinds::None);
    let nobody = user(9).id;
    assert_eq!(factors.reset_factors(&nobody, "x", NOW).await.unwrap(), None);
    assert_eq!(factors.factors(&nobody).await.unwrap(), Factors::default());
}

/// Adds a user with a session.
pub(crate) async fn start(users: &impl Everyone, sessions: &impl OpenSessions) -> (User, Session) {
    let ada = user(1);
    add(users, &ada, ADDRESS).await;
    let own = of_user(&ada, 0);
    sessions.create(&own).await.unwrap();
    (ada, own)
}

pub(crate) async fn enrol(factors: &impl EnrolTotp, session: &Session, step: u64) -> bool {
    let (totp, recovery) = (totp(step), hashes(0));
    let new = NewTotp {
        session,
        amr: Amr::PASSWORD_AND_CODE,
        totp: &totp,
        recovery: Some(&recovery),
        seen: FactorKinds::None,
    };
    factors.enrol(new, NOW).await.unwrap()
}

/// Opens fifty sessions with one proof, a few at a time, since a transaction fails that meets too many others. Returns
/// those that were opened.
async fn open_fifty(factors: &impl OpenWithFactor, ada: &User, spend: &Spend) -> Vec<Session> {
    let all: Vec<Session> = (1..=50).map(|number| next(ada, number)).collect();
    let mut opened = Vec::new();
    for some in all.chunks(5) {
        let outcomes = join_all(some.iter().map(|session| factors.open(session, spend, NOW))).await;
        let done = some
            .iter()
            .zip(outcomes)
            .filter(|(_, outcome)| matches!(outcome, Ok(true)));
        opened.extend(done.map(|(session, _)| session.clone()));
    }
    opened
}

/// Returns a session of the user after the enrolment.
pub(crate) fn next(ada: &User, number: u8) -> Session {
    Session {
        epoch: 1,
        ..of_user(ada, number)
    }
}

pub(crate) fn of_user(ada: &User, number: u8) -> Session {
    Session {
        user_id: ada.id.clone(),
        created_at: NOW.timestamp(),
        auth_time: NOW.timestamp(),
        ..session(number)
    }
}

fn totp(step: u64) -> Totp {
    Totp {
        sealed: SealedSeed::from_bytes(vec![7; 48]),
        added_at: NOW.timestamp(),
        last_step: Step::new(step),
    }
}

fn recovery(slot: u8) -> Spend {
    Spend::Recovery {
        slot: Slot::from_digit(&slot.to_string()).unwrap(),
        old: hash(slot),
        new: hash(99),
    }
}

pub(crate) fn hashes(first: u8) -> BTreeMap<Slot, RecoveryHash> {
    Slot::all()
        .map(|slot| (slot, hash(first.wrapping_add(slot.get()))))
        .collect()
}

fn hash(byte: u8) -> RecoveryHash {
    RecoveryHash::from_bytes(&[byte; 32]).unwrap()
}
