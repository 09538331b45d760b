//! No answer tells whether an address belongs to a user.

use std::collections::BTreeSet;

use auth::user::Status;
use axum::http::StatusCode;
use serde_json::json;
use tests::{Call, EMAIL, Stack, template};

use super::ask;

#[tokio::test]
async fn known_unknown_and_disabled_addresses_get_the_same_answer() {
    let stack = Stack::start().await;
    stack.login_as_another_user().await;
    stack.set_status(Status::Disabled).await;
    for path in ["/auth/register", "/auth/forgot"] {
        let mut answers = BTreeSet::new();
        for email in [EMAIL, "grace@example.com", "nobody@example.com", "a@b.example"] {
            answers.insert(ask(&stack, path, email).await.form());
        }

        assert_eq!(answers.len(), 1, "{path}: {answers:?}");
    }
}

#[tokio::test]
async fn the_limit_is_the_same_for_known_and_unknown_addresses() {
    let stack = Stack::start().await;
    for email in [EMAIL, "nobody@example.com"] {
        let mut statuses = Vec::new();
        for path in ["/auth/forgot", "/auth/register", "/auth/forgot"] {
            statuses.push(ask(&stack, path, email).await.status);
        }

        let expected = [
            StatusCode::ACCEPTED,
            StatusCode::ACCEPTED,
            StatusCode::TOO_MANY_REQUESTS,
        ];
        assert_eq!(statuses, expected, "{email}");
    }
}

#[tokio::test]
async fn a_source_cannot_ask_for_everybody() {
    let stack = Stack::with(&[("SourceMailLimit", "3")]).await;
    let mut statuses = Vec::new();
    for number in 0..4 {
        let body = json!({"email": format!("user-{number}@example.com")});
        let call = Call::post("/auth/register", &body).from_ip("192.0.2.9");
        statuses.push(stack.send(call).await.status.as_u16());
    }

    assert_eq!(statuses, [202, 202, 202, 429]);
    let other = Call::post("/auth/register", &json!({"email": "other@example.com"})).from_ip("192.0.2.10");
    assert_eq!(stack.send(other).await.status, StatusCode::ACCEPTED);
}

/// What `request-mail` may do does not let it know who exists.
#[test]
fn the_function_that_answers_may_not_read_users() {
    let function = template(&[])
        .functions()
        .unwrap()
        .remove("RequestMailFunction")
        .unwrap();

    let mut actions = BTreeSet::new();
    for statement in &function.statements {
        assert_eq!(statement["Effect"], "Allow");
        let action = statement["Action"].as_str().unwrap().to_owned();
        let resources = statement["Resource"].to_string();
        let is_of_mail = action == "dynamodb:UpdateItem" && statement["Resource"].to_string().contains("MailTable");
        assert!(is_of_mail || action == "secretsmanager:GetSecretValue", "{statement}");
        for table in ["UsersTable", "CredentialsTable", "RefreshTokensTable", "AttemptsTable"] {
            assert!(!resources.contains(table), "{statement}");
        }
        actions.insert(action);
    }
    assert_eq!(actions.len(), 2);
    let tables = function.variables.keys().filter(|name| name.ends_with("_TABLE"));
    assert_eq!(tables.collect::<Vec<_>>(), ["MAIL_TABLE"]);
}
