//! The number of announcements that a user's requests have caused, in the table of attempts: one item per user and
//! window. Every change is one conditional write.

use auth::{
    error::StoreError,
    feed::{ANNOUNCEMENT_WINDOW, ANNOUNCEMENTS, CountAnnouncements, Share, announcement_window},
};
use aws_sdk_dynamodb::types::AttributeValue;
use claims::{Moment, Timestamp, UserId};

use crate::{
    Attempts,
    attempts::{Write, number, send, send_once},
};

impl CountAnnouncements for Attempts {
    async fn count_announcement(&self, user_id: &UserId, now: Moment) -> Result<Share, StoreError> {
        let ttl = now.timestamp().plus(ANNOUNCEMENT_WINDOW).plus(ANNOUNCEMENT_WINDOW);
        let update = self
            .update(&record(user_id, now))
            .condition_expression("attribute_not_exists(announcements) OR announcements < :limit")
            .update_expression("SET #ttl = :ttl ADD announcements :one")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(ttl.get()))
            .expression_attribute_values(":limit", number(ANNOUNCEMENTS))
            .expression_attribute_values(":one", number(1));
        Ok(match send("count announcement", update).await? {
            Write::Done => Share::Own,
            Write::Refused(found) => {
                let ended_until = found.and_then(|item| item.get("ended_until")?.as_n().ok()?.parse().ok());
                Share::UsedUp {
                    ended_until: ended_until.map(Timestamp::new),
                }
            }
        })
    }

    async fn uncount_announcement(&self, user_id: &UserId, now: Moment) -> Result<(), StoreError> {
        let update = self
            .update(&record(user_id, now))
            .condition_expression("announcements > :none")
            .update_expression("ADD announcements :less")
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":less", AttributeValue::N("-1".to_owned()));
        send_once("uncount announcement", update).await.map(drop)
    }

    async fn note_ended(&self, user_id: &UserId, until: Timestamp, now: Moment) -> Result<(), StoreError> {
        let update = self
            .update(&record(user_id, now))
            .condition_expression("attribute_not_exists(ended_until) OR ended_until < :until")
            .update_expression("SET ended_until = :until")
            .expression_attribute_values(":until", number(until.get()));
        send("note announcement", update).await.map(drop)
    }
}

fn record(user_id: &UserId, now: Moment) -> String {
    format!("announcements#{user_id}#{}", announcement_window(now))
}
