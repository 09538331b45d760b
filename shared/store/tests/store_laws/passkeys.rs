//! The laws of the ports of passkeys.

use std::collections::BTreeMap;

use auth::{
    factor::{
        AddPasskey, ChangeFactors, EnrolTotp, Factors, FindFactors, FindPasskeyOwner, NewPasskey, OpenWithFactor,
        RecoveryHash, ResetFactors, Slot, Spend, StepUp,
        passkey::{MAX_PASSKEYS, Passkey, PasskeyUse},
    },
    session::{FindSession, OpenSessions, Session},
    user::{FactorKinds, User},
};
use claims::{Amr, Moment, Span, Timestamp};
use doubles::Everyone;
use futures::future::join_all;
use webauthn::{Algorithm, CredentialId, PublicKey, RpId, StoredCredential, Transport, UserHandle};

use crate::{
    factors::{enrol, hashes, next, of_user, start},
    laws,
    users::{add, user},
};

laws! { users with factors and sessions:
    a_passkey_changes_the_factors_the_user_and_the_session
    a_passkey_is_read_as_it_was_added
    no_two_users_have_the_same_passkey
    of_fifty_additions_of_one_passkey_one_succeeds
    a_user_has_at_most_ten_passkeys
    a_passkey_is_not_added_beside_factors_that_were_not_seen
    of_fifty_uses_with_one_session_one_opens_it
    a_use_is_recorded_even_if_the_counter_went_back
    a_passkey_confirms_only_if_nobody_has_authenticated_meanwhile
    a_passkey_is_removed_with_its_owner_and_the_last_with_the_codes
    a_removal_with_another_view_of_the_passkeys_does_nothing
    a_name_is_replaced
    a_reset_removes_all_passkeys
}

/// The ports of passkeys.
trait Ports:
    AddPasskey + ChangeFactors + EnrolTotp + FindFactors + FindPasskeyOwner + OpenWithFactor + ResetFactors + StepUp
{
}
impl<T> Ports for T where
    T: AddPasskey + ChangeFactors + EnrolTotp + FindFactors + FindPasskeyOwner + OpenWithFactor + ResetFactors + StepUp
{
}

/// The ports of sessions.
trait Sessions: OpenSessions + FindSession {}
impl<T: OpenSessions + FindSession> Sessions for T {}

const NOW: Moment = Moment::new(1_700_000_000_000);

async fn a_passkey_changes_the_factors_the_user_and_the_session(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;

    assert!(add_to(factors, &own, 1, FactorKinds::None, true).await);

    let stored = factors.factors(&ada.id).await.unwrap();
    assert_eq!((stored.kinds(), stored.recovery), (FactorKinds::Passkey, hashes(0)));
    let changed = users.user(&ada.id).await.unwrap().unwrap();
    assert_eq!((changed.factors, changed.epoch), (FactorKinds::Passkey, 1));
    let kept = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();
    let expected = Session {
        epoch: 1,
        amr: amr(),
        auth_time: NOW.timestamp(),
        ..own
    };
    assert_eq!(kept, expected);
    assert_eq!(factors.passkey_owner(&id(1)).await.unwrap(), Some(ada.id));
    assert_eq!(factors.passkey_owner(&id(2)).await.unwrap(), None);
}

async fn a_passkey_is_read_as_it_was_added(users: &impl Everyone, factors: &impl Ports, sessions: &impl Sessions) {
    let (ada, own) = start(users, sessions).await;

    add_to(factors, &own, 1, FactorKinds::None, true).await;

    assert_eq!(factors.factors(&ada.id).await.unwrap().passkeys, [passkey(1)]);
}

async fn no_two_users_have_the_same_passkey(users: &impl Everyone, factors: &impl Ports, sessions: &impl Sessions) {
    let (ada, own) = start(users, sessions).await;
    let grace = user(2);
    add(users, &grace, "grace@example.com").await;
    let other = of_user(&grace, 9);
    sessions.create(&other).await.unwrap();
    add_to(factors, &own, 1, FactorKinds::None, true).await;

    assert!(!add_to(factors, &other, 1, FactorKinds::None, true).await);

    assert_eq!(factors.passkey_owner(&id(1)).await.unwrap(), Some(ada.id));
    assert_eq!(factors.factors(&grace.id).await.unwrap(), Factors::default());
    assert_eq!(users.user(&grace.id).await.unwrap().unwrap().epoch, 0);
}

async fn of_fifty_additions_of_one_passkey_one_succeeds(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    let mut added = 0_usize;
    for _ in 0..10 {
        let new = passkey(1);
        let all = (0..5).map(|_| factors.add_passkey(new_passkey(&own, &new, FactorKinds::None, None), NOW));
        added = added.saturating_add(join_all(all).await.iter().filter(|one| matches!(one, Ok(true))).count());
    }

    assert_eq!(added, 1);
    assert_eq!(factors.factors(&ada.id).await.unwrap().passkeys.len(), 1);
    assert_eq!(users.user(&ada.id).await.unwrap().unwrap().epoch, 1);
}

async fn a_user_has_at_most_ten_passkeys(users: &impl Everyone, factors: &impl Ports, sessions: &impl Sessions) {
    let (ada, own) = start(users, sessions).await;
    let mut seen = FactorKinds::None;
    for number in (1..).take(MAX_PASSKEYS) {
        let own = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();
        assert!(add_to(factors, &own, number, seen, number == 1).await, "{number}");
        seen = FactorKinds::Passkey;
    }
    let own = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();

    assert!(!add_to(factors, &own, 99, seen, false).await);

    let stored = factors.factors(&ada.id).await.unwrap();
    assert_eq!((stored.passkeys.len(), stored.recovery), (MAX_PASSKEYS, hashes(0)));
    assert_eq!(factors.passkey_owner(&id(99)).await.unwrap(), None);
}

/// An app may have been removed, with the recovery codes, since the factors were read.
async fn a_passkey_is_not_added_beside_factors_that_were_not_seen(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;

    assert!(!add_to(factors, &own, 1, FactorKinds::Totp, false).await);
    assert!(enrol(factors, &own, 7).await);
    let kept = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();
    assert!(!add_to(factors, &kept, 1, FactorKinds::None, true).await);
    assert!(add_to(factors, &kept, 1, FactorKinds::Totp, false).await);

    assert_eq!(users.user(&ada.id).await.unwrap().unwrap().factors, FactorKinds::Both);
    assert_eq!(factors.factors(&ada.id).await.unwrap().recovery, hashes(0));
}

async fn of_fifty_uses_with_one_session_one_opens_it(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    add_to(factors, &own, 1, FactorKinds::None, true).await;
    let (session, spend) = (next(&ada, 1), used(1, 5, 60));
    let mut opened = 0_usize;
    for _ in 0..10 {
        let all = join_all((0..5).map(|_| factors.open(&session, &spend, NOW))).await;
        opened = opened.saturating_add(all.iter().filter(|one| matches!(one, Ok(true))).count());
    }

    assert_eq!(opened, 1);
    assert!(
        !factors.open(&next(&ada, 2), &used(2, 5, 60), NOW).await.unwrap(),
        "the user has no such passkey"
    );
}

async fn a_use_is_recorded_even_if_the_counter_went_back(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    add_to(factors, &own, 1, FactorKinds::None, true).await;

    for (number, counter) in [(1, 8), (2, 3)] {
        let spend = used(1, counter, number.into());
        assert!(factors.open(&next(&ada, number), &spend, NOW).await.unwrap());

        let stored = factors.factors(&ada.id).await.unwrap().passkeys.remove(0);
        assert_eq!(
            (stored.credential.counter, stored.backed_up, stored.last_used_at),
            (counter, true, Some(later(number.into())))
        );
    }
}

async fn a_passkey_confirms_only_if_nobody_has_authenticated_meanwhile(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    add_to(factors, &own, 1, FactorKinds::None, true).await;
    let kept = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();
    let step_up = async |seen: &Session, seconds| {
        let spend = used(1, 5, seconds);
        let done = factors.step_up(seen, amr(), later(seconds), Some(&spend), NOW).await;
        done.unwrap()
    };

    assert!(step_up(&kept, 60).await);
    assert!(!step_up(&kept, 61).await);

    let confirmed = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();
    assert_eq!(confirmed.auth_time, later(60));
    assert!(step_up(&confirmed, 62).await);
}

async fn a_passkey_is_removed_with_its_owner_and_the_last_with_the_codes(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    add_two(factors, &ada, &own, sessions).await;
    let remove = async |number| {
        let seen = factors.factors(&ada.id).await.unwrap();
        factors.remove_passkey(&ada.id, &id(number), &seen, NOW).await.unwrap()
    };

    assert!(remove(1).await);
    assert!(!remove(1).await);
    let left = factors.factors(&ada.id).await.unwrap();
    assert_eq!((left.passkeys, left.recovery), (vec![passkey(2)], hashes(0)));
    assert_eq!(
        users.user(&ada.id).await.unwrap().unwrap().factors,
        FactorKinds::Passkey
    );
    assert!(remove(2).await);

    assert_eq!(factors.factors(&ada.id).await.unwrap(), Factors::default());
    assert_eq!(users.user(&ada.id).await.unwrap().unwrap().factors, FactorKinds::None);
    for number in [1, 2] {
        assert_eq!(factors.passkey_owner(&id(number)).await.unwrap(), None);
    }
    let kept = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();
    assert!(
        add_to(factors, &kept, 1, FactorKinds::None, true).await,
        "it can be added again"
    );
}

/// Otherwise the recovery codes could go although a passkey is left.
async fn a_removal_with_another_view_of_the_passkeys_does_nothing(
    users: &impl Everyone,
    factors: &impl Ports,
    sessions: &impl Sessions,
) {
    let (ada, own) = start(users, sessions).await;
    add_two(factors, &ada, &own, sessions).await;
    let mut seen = factors.factors(&ada.id).await.unwrap();
    seen.passkeys.truncate(1);

    assert!(!factors.remove_passkey(&ada.id, &id(1), &seen, NOW).await.unwrap());

    let left = factors.factors(&ada.id).await.unwrap();
    assert_eq!((left.passkeys.len(), left.recovery), (2, hashes(0)));
}

async fn a_name_is_replaced(users: &impl Everyone, factors: &impl Ports, sessions: &impl Sessions) {
    let (ada, own) = start(users, sessions).await;
    add_to(factors, &own, 1, FactorKinds::None, true).await;

    assert!(factors.rename_passkey(&ada.id, &id(1), "old phone").await.unwrap());
    assert!(!factors.rename_passkey(&ada.id, &id(2), "old phone").await.unwrap());
    assert!(!factors.rename_passkey(&user(9).id, &id(1), "mine").await.unwrap());

    let expected = Passkey {
        label: "old phone".to_owned(),
        ..passkey(1)
    };
    assert_eq!(factors.factors(&ada.id).await.unwrap().passkeys, [expected]);
}

async fn a_reset_removes_all_passkeys(users: &impl Everyone, factors: &impl Ports, sessions: &impl Sessions) {
    let (ada, own) = start(users, sessions).await;
    add_two(factors, &ada, &own, sessions).await;

    let epoch = factors.reset_factors(&ada.id, "lost phone", NOW).await.unwrap();

    assert_eq!(epoch, Some(3));
    let left = factors.factors(&ada.id).await.unwrap();
    assert_eq!((left.kinds(), left.recovery.len()), (FactorKinds::None, 0));
    for number in [1, 2] {
        assert_eq!(factors.passkey_owner(&id(number)).await.unwrap(), None);
    }
}

async fn add_two(factors: &impl Ports, ada: &User, own: &Session, sessions: &impl Sessions) {
    assert!(add_to(factors, own, 1, FactorKinds::None, true).await);
    let own = sessions.session(&ada.id, &own.sid).await.unwrap().unwrap();
    assert!(add_to(factors, &own, 2, FactorKinds::Passkey, false).await);
}

/// Adds the passkey with this number, and recovery codes with it if it `is_first`.
async fn add_to(factors: &impl AddPasskey, session: &Session, number: u8, seen: FactorKinds, is_first: bool) -> bool {
    let (new, recovery) = (passkey(number), hashes(0));
    let new = new_passkey(session, &new, seen, is_first.then_some(&recovery));
    factors.add_passkey(new, NOW).await.unwrap()
}

fn new_passkey<'a>(
    session: &'a Session,
    passkey: &'a Passkey,
    seen: FactorKinds,
    recovery: Option<&'a BTreeMap<Slot, RecoveryHash>>,
) -> NewPasskey<'a> {
    NewPasskey {
        session,
        amr: amr(),
        passkey,
        recovery,
        seen,
    }
}

fn amr() -> Amr {
    Amr::PASSWORD.with(Amr::SYNCED_PASSKEY)
}

fn used(number: u8, counter: u32, seconds: u64) -> Spend {
    Spend::Passkey(PasskeyUse {
        id: id(number),
        counter,
        backed_up: true,
        at: later(seconds),
    })
}

fn later(seconds: u64) -> Timestamp {
    NOW.timestamp().plus(Span::seconds(seconds))
}

/// Returns an id of the greatest length.
fn id(number: u8) -> CredentialId {
    CredentialId::new(vec![number; 1023]).unwrap()
}

fn passkey(number: u8) -> Passkey {
    let spki = [
        &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00][..],
        &[number; 32],
    ];
    Passkey {
        credential: StoredCredential {
            id: id(number),
            key: PublicKey::from_spki(Algorithm::EdDsa, spki.concat()).unwrap(),
            counter: u32::MAX,
            backup_eligible: true,
            rp_id: RpId::parse("example.com").unwrap(),
            user_handle: UserHandle::new(vec![7; 32]).unwrap(),
        },
        backed_up: false,
        aaguid: [number; 16],
        transports: vec![Transport::Internal, Transport::Hybrid],
        label: format!("passkey {number}"),
        added_at: later(number.into()),
        last_used_at: None,
    }
}
