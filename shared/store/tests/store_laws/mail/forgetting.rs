//! The law of `ForgetAddress`: nothing is left of an address and its user, and nothing of others is lost.

use auth::{
    attempts::{Admission, CountAttempts as _, LANE_FAILURES, Lane},
    deletion::ForgetAddress as _,
    mail::{QueueMail as _, Queueing},
};
use claims::{DeviceId, SessionId, Span, TokenId, UserId};

use super::{ADA, GRACE, NOW, mail, pseudonyms};
use crate::{tables::Tables, users::email};

#[tokio::test]
async fn counts_and_requests_of_an_address_are_forgotten() {
    let tables = Tables::new().await;
    for address in [ADA, GRACE] {
        for number in 0..2 {
            assert_eq!(
                tables.mail.queue(&mail(address, number, NOW)).await.unwrap(),
                Queueing::Queued
            );
        }
        for lane in lanes(address) {
            use_up(&tables, &lane).await;
        }
    }

    let (address, user_id) = (pseudonyms().hash_address(&email(ADA)), user_of(ADA));
    tables.records.forget(&address, &user_id).await.unwrap();

    assert_eq!(tables.mail.queue(&mail(ADA, 3, NOW)).await.unwrap(), Queueing::Queued);
    let waits = tables.mail.queue(&mail(GRACE, 3, NOW)).await.unwrap();
    assert_eq!(waits, Queueing::Wait(Span::seconds(60)));
    for (forgotten, kept) in lanes(ADA).iter().zip(lanes(GRACE)) {
        assert_eq!(
            count(&tables, forgotten, 100).await,
            Admission::Admitted,
            "{}",
            forgotten.name()
        );
        assert_ne!(count(&tables, &kept, 100).await, Admission::Admitted, "{}", kept.name());
    }
}

/// Returns a lane of each kind.
fn lanes(address: &str) -> [Lane; 4] {
    let pseudonym = pseudonyms().hash_address(&email(address));
    [
        Lane::Device(pseudonym.clone(), DeviceId::new(NOW, [1; 10])),
        Lane::Stranger {
            address: pseudonym.clone(),
            source: pseudonyms().hash_address(&email("source@example.com")),
        },
        Lane::Change {
            user_id: user_of(address),
            sid: SessionId::new(NOW, [1; 10]),
            is_fresh: false,
        },
        Lane::Code {
            address: pseudonym,
            request: "request".to_owned(),
        },
    ]
}

fn user_of(address: &str) -> UserId {
    UserId::parse(address.split('@').next().unwrap()).unwrap()
}

async fn use_up(tables: &Tables, lane: &Lane) {
    for number in 0..LANE_FAILURES {
        count(tables, lane, u8::try_from(number).unwrap()).await;
    }
}

async fn count(tables: &Tables, lane: &Lane, number: u8) -> Admission {
    let attempt = TokenId::new(NOW, [number; 10]);
    tables.attempts.count(lane, &attempt, NOW).await.unwrap()
}
