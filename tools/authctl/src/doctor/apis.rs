//! The APIs that use the authorizer, and how long each keeps an answer of it.

use serde_json::Value;

use super::finding::Finding;
use crate::{
    arguments::Target,
    aws::{Call, Service, Session},
    stack::Deployment,
};

/// The variable of an identity source with which an HTTP API keeps an answer for each route.
const ROUTE: &str = "$context.routeKey";

/// An authorizer of an API that calls ours.
#[derive(Debug)]
struct User {
    /// The API, for people.
    api: String,
    uri: String,
    /// For how long the gateway keeps an answer, in seconds.
    kept: u64,
    /// Whether the API expects simple answers.
    is_simple: bool,
    /// Whether the authorizer gives the API the kind of answers that the stack has chosen: only for HTTP APIs with
    /// payload format 2.0. All others get policies.
    is_chosen: bool,
    /// Whether an answer is kept for each route by itself.
    by_route: bool,
}

/// What the stack promises to APIs.
#[derive(Debug)]
struct Promise {
    /// The ARN of the authorizer's alias.
    arn: String,
    /// Whether APIs may keep simple answers, and for how long in seconds. Only whether matters to the authorizer.
    kept: u64,
    /// Whether the authorizer gives simple answers to HTTP APIs.
    is_simple: bool,
    /// The interval of polls of the feed, in seconds.
    poll: u64,
}

pub(super) async fn examine(deployment: &Deployment, target: &Target) -> anyhow::Result<Vec<Finding>> {
    let Some(promise) = Promise::of(deployment) else {
        return Ok(vec![Finding::unknown(
            "caches",
            "the stack has no output AuthorizerArn",
        )]);
    };
    let session = target.session().await?;
    let mut users = find_users(&HTTP, &promise, session).await?;
    users.extend(find_users(&REST, &promise, session).await?);
    if users.is_empty() {
        let advice = "attach your API: docs/attach.md";
        return Ok(vec![Finding::warning(
            "caches",
            "no API in this region uses the authorizer",
            advice,
        )]);
    }
    Ok(users.iter().map(|user| of_user(user, &promise)).collect())
}

impl Promise {
    fn of(deployment: &Deployment) -> Option<Self> {
        let number = |name, usual| {
            deployment
                .parameter(name)
                .map_or(Some(usual), |number| number.parse().ok())
        };
        Some(Self {
            arn: deployment.outputs.get("AuthorizerArn")?.clone(),
            kept: number("AuthorizerCacheSeconds", 0)?,
            is_simple: deployment.parameter("AuthorizerResponse") == Some("simple"),
            poll: number("RevocationPollSeconds", 5)?,
        })
    }

    /// Returns the ARN of the function, without the alias.
    fn function(&self) -> &str {
        self.arn.rsplit_once(':').map_or(&self.arn, |(function, _)| function)
    }

    fn is_used_by(&self, uri: &str) -> bool {
        let function = self.function();
        let named = [format!("{function}:"), format!("{function}/")];
        named.iter().any(|named| uri.contains(named.as_str()))
    }
}

/// A kind of APIs, and how API Gateway lists them.
struct Kind {
    service: Service,
    /// The path of the list.
    path: &'static str,
    /// The name of the mark of the next page, and that of the items.
    page: (&'static str, &'static str),
    /// The name of an API's id.
    id: &'static str,
    /// For how long an answer is kept if the authorizer does not say, in seconds (documented).
    kept: u64,
}

/// HTTP APIs and WebSocket APIs.
const HTTP: Kind = Kind {
    service: Service::HTTP_APIS,
    path: "/v2/apis",
    page: ("nextToken", "items"),
    id: "apiId",
    kept: 0,
};
/// REST APIs. Their authorizers have no simple answers.
const REST: Kind = Kind {
    service: Service::REST_APIS,
    path: "/restapis",
    page: ("position", "item"),
    id: "id",
    kept: 300,
};

/// Returns the authorizers of all APIs of a kind that call ours.
async fn find_users(kind: &Kind, promise: &Promise, session: &Session) -> anyhow::Result<Vec<User>> {
    let mut users = Vec::new();
    for api in pages(kind, "get APIs", kind.path, session).await? {
        let (Some(id), name) = (text(&api, kind.id), text(&api, "name")) else {
            continue;
        };
        let name = format!("{} ({id})", name.unwrap_or("without a name"));
        let path = format!("{}/{id}/authorizers", kind.path);
        let all = pages(kind, "get authorizers", &path, session).await?;
        users.extend(
            all.iter()
                .filter_map(|authorizer| user(&name, authorizer, kind, promise)),
        );
    }
    Ok(users)
}

/// Returns an authorizer of an API, if it calls ours.
fn user(api: &str, authorizer: &Value, kind: &Kind, promise: &Promise) -> Option<User> {
    let uri = text(authorizer, "authorizerUri").filter(|uri| promise.is_used_by(uri))?;
    let kept = authorizer.get("authorizerResultTtlInSeconds").and_then(Value::as_u64);
    let sources = authorizer.get("identitySource").and_then(Value::as_array);
    Some(User {
        api: api.to_owned(),
        uri: uri.to_owned(),
        kept: kept.unwrap_or(kind.kept),
        is_simple: authorizer.get("enableSimpleResponses").and_then(Value::as_bool) == Some(true),
        is_chosen: text(authorizer, "authorizerPayloadFormatVersion") == Some("2.0"),
        by_route: sources.is_some_and(|sources| sources.iter().any(|source| source == ROUTE)),
    })
}

/// Returns all items of a list.
async fn pages(kind: &Kind, operation: &'static str, path: &str, session: &Session) -> anyhow::Result<Vec<Value>> {
    let (mut found, mut query) = (Vec::new(), String::new());
    let (mark, items) = kind.page;
    loop {
        let call = Call::get(operation, kind.service, format!("{path}{query}"));
        let page = session.call(&call).await?;
        // A list of one is an object in some answers of REST APIs.
        match page.get(items) {
            Some(Value::Array(all)) => found.extend(all.iter().cloned()),
            Some(one @ Value::Object(_)) => found.push(one.clone()),
            _ => {}
        }
        match text(&page, mark).filter(|mark| !mark.is_empty()) {
            None => return Ok(found),
            Some(next) => query = format!("?{mark}={}", encode(next)),
        }
    }
}

/// Encodes a value for a query (RFC 3986 s2.1).
fn encode(value: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    value.bytes().map(encode).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn of_user(user: &User, promise: &Promise) -> Finding {
    const CHECK: &str = "caches";
    let User { api, kept, .. } = user;
    let is_given = promise.is_simple && user.is_chosen;
    if user.is_simple != is_given {
        let (expected, given) = if user.is_simple {
            ("simple answers", "policies")
        } else {
            ("policies", "simple answers")
        };
        return Finding::problem(
            CHECK,
            format!("{api} expects {expected} and gets {given}: it answers 500"),
            "compare its EnableSimpleResponses with the stack's AuthorizerResponse: docs/attach.md",
        );
    }
    if user.is_simple && *kept > 0 && !user.by_route {
        return Finding::problem(
            CHECK,
            format!("{api} keeps simple answers for {kept} s for all routes together: a yes for one opens all"),
            format!("add {ROUTE} to its identity sources, or set its cache to 0: docs/authorizer.md"),
        );
    }
    if user.is_simple && *kept > 0 && promise.kept == 0 {
        return Finding::problem(
            CHECK,
            format!("{api} keeps simple answers for {kept} s, and the authorizer does not expect that"),
            "deploy the stack with AuthorizerCacheSeconds, from 1 to 60, or set the cache to 0: docs/authorizer.md",
        );
    }
    let bound = kept.saturating_add(promise.poll);
    let fact = match (kept, promise.poll) {
        (0, 0) => format!("{api} keeps no answers; revocations are not followed"),
        (_, 0) => format!("{api} keeps answers for {kept} s; revocations are not followed"),
        (0, _) => format!("{api} keeps no answers: a revocation takes up to {bound} s"),
        (..) => format!("{api} keeps answers for {kept} s: a revocation takes up to {bound} s"),
    };
    if *kept > 60 {
        Finding::warning(
            CHECK,
            fact,
            "set its cache to 0, or to at most 60 s: docs/authorizer.md",
        )
    } else if !user.uri.contains(&promise.arn) {
        Finding::warning(
            CHECK,
            format!("{fact}; it calls the authorizer without its alias, so an update has no trial there"),
            "use the output AuthorizerArn: docs/attach.md",
        )
    } else {
        Finding::ok(CHECK, fact)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{super::finding::State, *};

    const ARN: &str = "arn:aws:lambda:eu-west-1:1:function:gate-authorizer:live";

    #[rstest]
    #[case::no_cache(0, false, false, State::Ok, "takes up to 5 s")]
    #[case::short_cache(30, false, false, State::Ok, "takes up to 35 s")]
    #[case::default_of_rest(300, false, false, State::Warning, "takes up to 305 s")]
    fn the_cache_of_policies_delays_revocations(
        #[case] kept: u64,
        #[case] is_simple: bool,
        #[case] by_route: bool,
        #[case] expected: State,
        #[case] fact: &str,
    ) {
        let finding = of_user(&uses(kept, is_simple, by_route), &promise(0, false));

        assert_eq!(finding.state, expected, "{finding:?}");
        assert!(finding.fact.contains(fact), "{finding:?}");
    }

    #[rstest]
    #[case::policies_are_given(0, true, promise(0, false), State::Problem, "answers 500")]
    #[case::one_answer_for_all_routes(30, false, promise(30, true), State::Problem, "opens all")]
    #[case::not_expected(60, true, promise(0, true), State::Problem, "does not expect")]
    #[case::longer_than_named(60, true, promise(30, true), State::Ok, "up to 65 s")]
    #[case::as_expected(30, true, promise(30, true), State::Ok, "up to 35 s")]
    #[case::not_kept(0, false, promise(0, true), State::Ok, "keeps no answers")]
    fn simple_answers_have_rules(
        #[case] kept: u64,
        #[case] by_route: bool,
        #[case] promise: Promise,
        #[case] expected: State,
        #[case] fact: &str,
    ) {
        let finding = of_user(&uses(kept, true, by_route), &promise);

        assert_eq!(finding.state, expected, "{finding:?}");
        assert!(finding.fact.contains(fact), "{finding:?}");
    }

    #[test]
    fn an_api_that_expects_policies_gets_them() {
        let policies = uses(0, false, false);
        let old = User {
            is_chosen: false,
            ..uses(0, false, false)
        };

        assert!(
            of_user(&policies, &promise(0, true))
                .fact
                .contains("gets simple answers")
        );
        assert_eq!(of_user(&old, &promise(0, true)).state, State::Ok);
    }

    #[test]
    fn an_authorizer_is_found_with_and_without_its_alias() {
        let promise = promise(0, false);
        let uri = |function: &str| {
            format!("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function}/invocations")
        };
        let plain = "arn:aws:lambda:eu-west-1:1:function:gate-authorizer";

        assert!(promise.is_used_by(&uri(ARN)) && promise.is_used_by(&uri(plain)));
        assert!(!promise.is_used_by(&uri(&format!("{plain}-other"))));
        let without = User {
            uri: uri(plain),
            ..uses(0, false, false)
        };
        assert_eq!(of_user(&without, &promise).state, State::Warning);
    }

    #[test]
    fn each_kind_of_api_has_its_own_default() {
        let authorizer = serde_json::json!({"authorizerUri": uses(0, false, false).uri, "identitySource": "method.request.header.Authorization"});
        let promise = promise(0, false);

        assert_eq!(user("a", &authorizer, &REST, &promise).unwrap().kept, 300);
        assert_eq!(user("a", &authorizer, &HTTP, &promise).unwrap().kept, 0);
    }

    #[test]
    fn a_mark_is_encoded() {
        assert_eq!(encode("a+b/c=~"), "a%2Bb%2Fc%3D~");
    }

    fn promise(kept: u64, is_simple: bool) -> Promise {
        Promise {
            arn: ARN.to_owned(),
            kept,
            is_simple,
            poll: 5,
        }
    }

    fn uses(kept: u64, is_simple: bool, by_route: bool) -> User {
        User {
            api: "shop (abc)".to_owned(),
            uri: format!("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{ARN}/invocations"),
            kept,
            is_simple,
            is_chosen: true,
            by_route,
        }
    }
}
