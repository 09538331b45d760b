//! The filters of the streams: which changes of a session the mailers get.

use rstest::rstest;
use serde_json::{Value, json};
use tests::template;

/// Every change of a session that a request makes, as the new image in its record, and which setting of `DeviceNotices`
/// brings it to the mailer. A record with only the keys stands for an expired session.
#[rstest]
#[case::login_on_a_known_device(json!({"delivered_at": {"N": "0"}}), [false, false])]
#[case::login_on_a_new_device(json!({"new_device": {"BOOL": true}, "delivered_at": {"N": "0"}}), [false, true])]
#[case::refresh(json!({"new_device": {"BOOL": true}, "delivered_at": {"N": "1700000000"}}), [false, false])]
#[case::end(ended("logout"), [false, false])]
#[case::theft(ended("theft"), [true, true])]
#[case::expiry(Value::Null, [false, false])]
fn the_mailers_get_thefts_and_if_it_is_on_logins_on_new_devices(#[case] image: Value, #[case] expected: [bool; 2]) {
    for via in ["ses", "event"] {
        for (notices, expected) in ["off", "on"].into_iter().zip(expected) {
            let template = template(&[("MailVia", via), ("DeviceNotices", notices)]);
            let sources = template.event_sources().unwrap();
            let [source] = &sources
                .iter()
                .filter(|source| source.table == "RefreshTokensTable")
                .collect::<Vec<_>>()[..]
            else {
                panic!("one stream of sessions is expected: {sources:?}")
            };

            let record = json!({"dynamodb": {"Keys": {"sid": {"S": "s-1"}}, "NewImage": image}});
            let is_matched = source.filters.iter().any(|filter| filter.matches(&record));

            assert_eq!(is_matched, expected, "{via}, {notices}");
        }
    }
}

fn ended(reason: &str) -> Value {
    json!({
        "new_device": {"BOOL": true}, "delivered_at": {"N": "0"}, "revoked_at": {"N": "1700000000"},
        "revoke_reason": {"S": reason},
    })
}
