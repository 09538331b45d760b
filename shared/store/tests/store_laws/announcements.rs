//! The laws of `CountAnnouncements`.

use auth::feed::{ANNOUNCEMENT_WINDOW, ANNOUNCEMENTS, CountAnnouncements, Share};
use claims::{Moment, Timestamp, UserId};
use doubles::NOW;
use futures::future::join_all;

use crate::laws;

laws! { attempts:
    of_many_at_once_a_user_has_their_share
    the_next_hour_has_its_own_share
    another_user_has_their_own
    what_is_given_back_is_there_again
    an_earlier_end_is_returned_and_never_moves_back
}

async fn of_many_at_once_a_user_has_their_share(budget: &impl CountAnnouncements) {
    let ada = user(1);
    let at_once = 20;

    let mut shares = Vec::new();
    for _ in 0..=ANNOUNCEMENTS.div_ceil(at_once) {
        shares.extend(join_all((0..at_once).map(|_| budget.count_announcement(&ada, NOW))).await);
    }

    let own = shares
        .into_iter()
        .filter(|share| *share.as_ref().unwrap() == Share::Own);
    assert_eq!(u64::try_from(own.count()).unwrap(), ANNOUNCEMENTS);
}

async fn the_next_hour_has_its_own_share(budget: &impl CountAnnouncements) {
    let ada = user(1);
    use_up(budget, &ada).await;

    let later = Moment::new(NOW.get().saturating_add(ANNOUNCEMENT_WINDOW.get().saturating_mul(1000)));

    assert_eq!(budget.count_announcement(&ada, later).await.unwrap(), Share::Own);
}

async fn another_user_has_their_own(budget: &impl CountAnnouncements) {
    use_up(budget, &user(1)).await;

    assert_eq!(budget.count_announcement(&user(2), NOW).await.unwrap(), Share::Own);
}

async fn what_is_given_back_is_there_again(budget: &impl CountAnnouncements) {
    let ada = user(1);
    budget.uncount_announcement(&ada, NOW).await.unwrap();
    use_up(budget, &ada).await;

    budget.uncount_announcement(&ada, NOW).await.unwrap();

    assert_eq!(budget.count_announcement(&ada, NOW).await.unwrap(), Share::Own);
    let more = budget.count_announcement(&ada, NOW).await.unwrap();
    assert_eq!(more, Share::UsedUp { ended_until: None });
}

async fn an_earlier_end_is_returned_and_never_moves_back(budget: &impl CountAnnouncements) {
    let ada = user(1);
    use_up(budget, &ada).await;
    let used_up = |seconds: Option<u64>| Share::UsedUp {
        ended_until: seconds.map(Timestamp::new),
    };
    assert_eq!(budget.count_announcement(&ada, NOW).await.unwrap(), used_up(None));

    for (noted, told) in [(10, 10), (5, 10), (11, 11)] {
        budget.note_ended(&ada, Timestamp::new(noted), NOW).await.unwrap();

        assert_eq!(budget.count_announcement(&ada, NOW).await.unwrap(), used_up(Some(told)));
    }
}

async fn use_up(budget: &impl CountAnnouncements, user: &UserId) {
    for _ in 0..ANNOUNCEMENTS {
        assert_eq!(budget.count_announcement(user, NOW).await.unwrap(), Share::Own);
    }
}

fn user(number: u8) -> UserId {
    UserId::new(NOW, [number; 10])
}
