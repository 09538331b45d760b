//! Routes that demand more than a valid token, through the gateway, also when it keeps the authorizer's answers.

use authorizer::{Rule, Rules};
use tests::{Call, Stack};

/// That of the user, and one that nobody has.
const ROLES: [(&str, u16); 2] = [("analyst", 200), ("admin", 403)];

#[tokio::test]
async fn a_route_is_for_those_who_have_what_it_demands() {
    for response in ["simple", "policy"] {
        for (role, status) in ROLES {
            let stack = Stack::with_rules(&[("AuthorizerResponse", response)], demanding(role)).await;
            let token = stack.login().await.text("access_token");

            assert_eq!(stack.me(&token).await.status, status, "{response} {role}");
            assert_eq!(sessions(&stack, &token).await, 200, "{response} {role}");
        }
    }
}

/// Whichever route is asked for first, its answer is not the other's.
#[tokio::test]
async fn an_answer_that_is_kept_is_never_another_route_s() {
    for response in ["simple", "policy"] {
        let parameters = [("AuthorizerResponse", response), ("AuthorizerCacheSeconds", "60")];
        let stack = Stack::with_rules(&parameters, demanding("admin")).await;
        let token = stack.login().await.text("access_token");

        for _ in 0..2 {
            assert_eq!(sessions(&stack, &token).await, 200, "{response}");
            assert_eq!(stack.me(&token).await.status, 403, "{response}");
        }

        let other = stack.login().await.text("access_token");
        for _ in 0..2 {
            assert_eq!(stack.me(&other).await.status, 403, "{response}");
            assert_eq!(sessions(&stack, &other).await, 200, "{response}");
        }
    }
}

#[tokio::test]
async fn whoever_is_refused_learns_it_in_either_kind_of_answer() {
    for response in ["simple", "policy"] {
        let stack = Stack::with(&[("AuthorizerResponse", response)]).await;

        assert_eq!(stack.me("no.real.token").await.status, 403, "{response}");
        assert_eq!(stack.send(Call::get("/auth/me")).await.status, 401, "{response}");
    }
}

fn demanding(role: &str) -> Rules {
    let one = Rule {
        api: None,
        method: "GET".to_owned(),
        path: "/auth/me".to_owned(),
        role: Some(role.to_owned()),
        scope: None,
    };
    Rules::new(vec![one], 128)
}

async fn sessions(stack: &Stack, token: &str) -> u16 {
    let answer = stack.send(Call::get("/auth/sessions").bearer(token)).await;
    answer.status.as_u16()
}
