//! The lanes of an account that hold attempts up, and how they are opened.

use auth::attempts::{CountAttempts as _, HeldLane, Hold, Lane, LaneKind, held_lanes, unlock};
use claims::{Moment, TokenId};

use super::{attempt, device_token, fail, throttled};
use crate::world::{EMAIL, PASSWORD, World, after, email};

#[tokio::test]
async fn a_lane_is_held_exactly_as_long_as_its_attempts_are_refused() {
    let world = World::new().await;
    fail(&world, EMAIL, 4).await;
    assert_eq!(held(&world, after(0)).await, []);

    fail(&world, EMAIL, 1).await;

    let [lane] = &held(&world, after(0)).await[..] else {
        panic!()
    };
    assert_eq!((lane.lane, lane.failures, lane.hold), ("address", 5, Hold::Waits));
    assert_eq!(lane.until, after(1).timestamp());
    let refused = attempt(&world, EMAIL, PASSWORD, None, after(0)).await;
    assert_eq!(throttled(&refused), Some(("address", 1)));
    assert_eq!(held(&world, after(1)).await, []);
    assert!(attempt(&world, EMAIL, PASSWORD, None, after(1)).await.is_ok());
}

#[tokio::test]
async fn a_used_up_lane_is_held_until_it_is_forgotten_and_one_of_strangers_shares() {
    let world = World::new().await;
    let device = device_token(&world, after(0)).await;
    let mut now = 0;
    for _ in 0..30 {
        now += 513;
        attempt(&world, EMAIL, "guess", Some(&device), after(now))
            .await
            .unwrap_err();
    }

    let lanes = held(&world, after(now)).await;

    let found: Vec<_> = lanes.iter().map(|lane| (lane.lane, lane.failures, lane.hold)).collect();
    assert_eq!(found, [("device", 15, Hold::Closed), ("address", 15, Hold::Shared)]);
    let [closed, shared] = &lanes[..] else { panic!() };
    assert_eq!(closed.until, after(15 * 513 + 86_400).timestamp());
    assert_eq!(shared.until, after(now + 900).timestamp());
    // A used-up lane is still one when its next attempt is admitted.
    let [_, shared] = &held(&world, after(now + 901)).await[..] else {
        panic!()
    };
    assert_eq!(
        (shared.hold, shared.until),
        (Hold::Shared, after(now + 901).timestamp())
    );
    assert_eq!(held(&world, after(now + 86_400)).await, []);
}

#[tokio::test]
async fn an_unlocked_account_admits_the_next_attempt_and_no_other_account_does() {
    let world = World::new().await;
    fail(&world, EMAIL, 5).await;
    fail(&world, "nobody@example.com", 5).await;
    let address = world.pseudonyms.hash_address(&email(EMAIL));

    for _ in 0..2 {
        unlock(&address, &world.user.id, &LaneKind::WITHOUT_SECOND_FACTOR, &world.store)
            .await
            .unwrap();
    }

    assert_eq!(held(&world, after(0)).await, []);
    assert!(attempt(&world, EMAIL, PASSWORD, None, after(0)).await.is_ok());
    let other = attempt(&world, "nobody@example.com", "guess", None, after(0)).await;
    assert_eq!(throttled(&other), Some(("address", 1)));
}

#[tokio::test]
async fn codes_of_a_second_factor_are_kept_unless_they_are_named() {
    let world = World::new().await;
    let address = world.pseudonyms.hash_address(&email(EMAIL));
    let lane = Lane::second(world.user.id.clone(), world.user.created_at);
    for number in 0..5 {
        world.store.count(&lane, &id(number), after(0)).await.unwrap();
    }
    let unlocked = async |kinds: &[LaneKind]| {
        unlock(&address, &world.user.id, kinds, &world.store).await.unwrap();
        held(&world, after(0)).await.len()
    };

    assert_eq!(unlocked(&LaneKind::WITHOUT_SECOND_FACTOR).await, 1);
    assert_eq!(unlocked(&LaneKind::ALL).await, 0);
}

async fn held(world: &World, now: Moment) -> Vec<HeldLane> {
    let address = world.pseudonyms.hash_address(&email(EMAIL));
    held_lanes(&address, &world.user.id, &id(255), now, &world.store)
        .await
        .unwrap()
}

fn id(number: u8) -> TokenId {
    TokenId::new(Moment::new(0), [number; 10])
}
