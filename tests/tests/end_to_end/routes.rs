//! Routes that require more than a valid token, through the gateway, with and without its cache.

use rstest::rstest;
use rules::{ParameterRoute, Rule, Rules};
use tests::{Call, Stack};

/// The user's role and a role that the user does not have, each with the status of a route that requires it.
const ROLES: [(&str, u16); 2] = [("analyst", 200), ("admin", 403)];

#[tokio::test]
async fn a_route_admits_only_callers_who_satisfy_its_rules() {
    for response in ["simple", "policy"] {
        for (role, status) in ROLES {
            let stack = Stack::with_rules(&[("AuthorizerResponse", response)], demanding(role)).await;
            let token = stack.login().await.text("access_token");

            assert_eq!(stack.me(&token).await.status, status, "{response} {role}");
            assert_eq!(sessions(&stack, &token).await, 200, "{response} {role}");
        }
    }
}

/// The cached answer of the route that is called first is not used for the other route.
#[tokio::test]
async fn a_cached_answer_is_never_used_for_another_route() {
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

/// `me` serves every path of `ANY /{proxy+}`. It stands for a backend that treats every path in `SPELLINGS` as
/// `/admin/users`.
#[rstest]
#[case("simple", "0", true)]
#[case("simple", "60", false)]
#[case("policy", "0", false)]
#[case("policy", "60", false)]
#[tokio::test]
async fn a_rule_that_is_finer_than_its_route_is_not_passed(
    #[case] response: &str,
    #[case] cache: &str,
    #[case] other_paths_are_served: bool,
) {
    const SPELLINGS: [&str; 14] = [
        "/admin/users",
        "/Admin/users",
        "/%61dmin/users",
        "/%2561dmin/users",
        "/admin;x=1/users",
        "/admin./users",
        "/admin%20/users",
        "/%EF%BD%81dmin/users",
        "/admin%5Cusers",
        "/admin%00/users",
        "/admin%3f/users",
        "//admin/users",
        "/./admin/users",
        "/x/../admin/users",
    ];
    const GREEDY: [&str; 2] = ["ANY /{proxy+}", "GET /own"];
    let parameters = [("AuthorizerResponse", response), ("AuthorizerCacheSeconds", cache)];
    let stack = Stack::with_routes(&parameters, below_admin(&["ANY /{proxy+}"]), &GREEDY).await;
    let analyst = stack.login().await.text("access_token");

    for _ in 0..2 {
        let public = status(&stack, "/public", &analyst).await;
        assert_eq!(public == 200, other_paths_are_served);
        for path in SPELLINGS {
            assert_eq!(status(&stack, path, &analyst).await, 403, "{path}");
        }
        assert_eq!(status(&stack, "/own", &analyst).await == 200, response == "simple");
    }

    stack.set_role("admin").await;
    let admin = stack.login().await.text("access_token");
    for path in SPELLINGS.into_iter().chain(["/public", "/own"]) {
        assert_eq!(status(&stack, path, &admin).await, 200, "{path}");
    }
}

#[tokio::test]
async fn a_rule_with_a_route_of_its_own_leaves_all_others_alone() {
    const ROUTES: [&str; 3] = ["ANY /admin/{proxy+}", "GET /reports/{id}", "ANY /files/{proxy+}"];
    for response in ["simple", "policy"] {
        for cache in ["0", "60"] {
            let parameters = [("AuthorizerResponse", response), ("AuthorizerCacheSeconds", cache)];
            let stack = Stack::with_routes(&parameters, below_admin(&ROUTES), &ROUTES).await;
            let token = stack.login().await.text("access_token");

            for _ in 0..2 {
                for path in ["/reports/7", "/files/a/users", "/auth/me"] {
                    assert_eq!(status(&stack, path, &token).await, 200, "{response} {cache} {path}");
                }
                for (path, expected) in [("/admin/users", 403), ("/%61dmin/users", 403), ("/Admin/users", 404)] {
                    assert_eq!(
                        status(&stack, path, &token).await,
                        expected,
                        "{response} {cache} {path}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_is_the_same_in_either_kind_of_answer() {
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
        acr: None,
        max_age: None,
    };
    Rules::new(vec![one], 128)
}

/// Returns rules that reserve the paths below `/admin` for administrators. The rules are for an API that has `routes`
/// and the template's routes with path parameters.
fn below_admin(routes: &[&str]) -> Rules {
    let rule = Rule {
        api: None,
        method: "ANY".to_owned(),
        path: "/admin/{proxy+}".to_owned(),
        role: Some("admin".to_owned()),
        scope: None,
        acr: None,
        max_age: None,
    };
    let routes = ["DELETE /auth/sessions/{sid}"].iter().chain(routes).map(|route| {
        let (method, path) = route.split_once(' ').unwrap();
        ParameterRoute {
            api: None,
            method: method.to_owned(),
            path: path.to_owned(),
        }
    });
    Rules::new(vec![rule], 128).with_parameter_routes(routes.collect())
}

async fn status(stack: &Stack, path: &str, token: &str) -> u16 {
    let answer = stack.send(Call::get(path).bearer(token)).await;
    answer.status.as_u16()
}

async fn sessions(stack: &Stack, token: &str) -> u16 {
    let answer = stack.send(Call::get("/auth/sessions").bearer(token)).await;
    answer.status.as_u16()
}
