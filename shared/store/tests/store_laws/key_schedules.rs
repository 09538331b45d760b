//! The laws of `PublishSchedule` and `ReadSchedule`.

use auth::keys::{PublishKeys, PublishSchedule, ReadSchedule};
use claims::{Access, Jwks, KeySchedule, Refresh, ScheduledKey, Timestamp};

use crate::laws;

/// The ports that publish and read when keys are used.
pub(crate) trait Schedules: PublishKeys + PublishSchedule + ReadSchedule {}
impl<P: PublishKeys + PublishSchedule + ReadSchedule> Schedules for P {}

laws! { public_keys:
    the_schedule_that_was_published_last_is_read
    each_kind_of_token_has_its_own_schedule
    public_keys_are_not_a_schedule
}

async fn the_schedule_that_was_published_last_is_read(keys: &impl Schedules) {
    for published in [&KeySchedule::default(), &schedule("one"), &schedule("two")] {
        keys.publish_schedule::<Access>(published).await.unwrap();

        assert_eq!(keys.schedule::<Access>().await.unwrap().as_ref(), Some(published));
    }
}

async fn each_kind_of_token_has_its_own_schedule(keys: &impl Schedules) {
    keys.publish_schedule::<Access>(&schedule("one")).await.unwrap();
    keys.publish_schedule::<Refresh>(&schedule("two")).await.unwrap();

    assert_eq!(keys.schedule::<Access>().await.unwrap(), Some(schedule("one")));
    assert_eq!(keys.schedule::<Refresh>().await.unwrap(), Some(schedule("two")));
}

async fn public_keys_are_not_a_schedule(keys: &impl Schedules) {
    keys.publish(&Jwks::from_json(r#"{"keys":[]}"#).unwrap()).await.unwrap();

    assert_eq!(keys.schedule::<Access>().await.unwrap(), None);
}

/// Returns a schedule of two keys, one of which has a successor.
fn schedule(kid: &str) -> KeySchedule {
    let key = |kid: String, at, retires_at| ScheduledKey {
        kid: kid.parse().unwrap(),
        alg: "ES256".to_owned(),
        activates_at: Timestamp::new(at),
        retires_at,
    };
    KeySchedule {
        keys: vec![
            key(format!("{kid}-a"), 1_600_000_000, Some(Timestamp::new(1_600_009_000))),
            key(format!("{kid}-b"), 1_600_000_900, None),
        ],
    }
}
