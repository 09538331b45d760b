//! The DynamoDB tables of the template.

use serde_json::json;
use tests::template;

/// The only table that never gets deletion protection or backups. It has counters of attempts, which expire within a
/// day. If they were restored, people would have to wait because of old failures.
const FORGETTABLE: [&str; 2] = ["AttemptsTable", "MailTable"];

#[test]
fn every_table_is_encrypted_and_the_important_ones_are_restorable() {
    let template = template(&[("TableProtection", "on")]);
    let mut kept = Vec::new();
    for (id, table) in template.of_type("AWS::DynamoDB::Table") {
        assert_eq!(table["BillingMode"], "PAY_PER_REQUEST", "{id}");
        assert_eq!(table["SSESpecification"]["SSEEnabled"], json!(true), "{id}");
        let resource = template.resource(id).unwrap();
        if FORGETTABLE.contains(&id.as_str()) {
            assert_eq!(resource["DeletionPolicy"], "Delete");
            continue;
        }
        kept.push(id.as_str());
        assert_eq!(table["DeletionProtectionEnabled"], json!(true), "{id}");
        assert_eq!(
            table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
            json!(true),
            "{id}"
        );
        // A failed first deployment leaves no table behind.
        assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{id}");
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{id}");
    }
    kept.sort_unstable();
    assert_eq!(
        kept,
        [
            "AuthorizerFeed",
            "CredentialsTable",
            "DeletionsTable",
            "FactorsTable",
            "FeedSnapshotsTable",
            "PublicKeysTable",
            "RefreshTokensTable",
            "UsersTable"
        ]
    );
}

#[test]
fn obsolete_items_expire_but_users_factors_deletions_and_public_keys_do_not() {
    for (id, table) in template(&[]).tables().unwrap() {
        let stays = [
            "UsersTable",
            "CredentialsTable",
            "DeletionsTable",
            "FactorsTable",
            "PublicKeysTable",
        ]
        .contains(&id.as_str());

        assert_eq!(table.ttl.as_deref(), (!stays).then_some("ttl"), "{id}");
    }
}
