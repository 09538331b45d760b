//! What anyone can see of the service: discovery, keys, clock, and what pages of other origins may do.

use std::time::{Duration, SystemTime};

use claims::{Access, Clock as _};
use config::SystemClock;
use hyper::{
    Method, Uri,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS,
        ACCESS_CONTROL_REQUEST_METHOD, AGE, DATE, ORIGIN,
    },
};
use serde_json::Value;

use super::{arguments::Doctor, finding::Finding};
use crate::{
    arguments::Target,
    clock::system_time,
    hint,
    key::{self, KeySetName},
    network::{Answer, Web},
};

/// Where the metadata is (OpenID Connect Discovery 1.0 s4).
const DISCOVERY: &str = "/.well-known/openid-configuration";
/// A page that no service has allowed.
const STRANGER: &str = "https://doctor.invalid";
/// The difference between two clocks that a slow answer and whole seconds explain.
const PRECISION: Duration = Duration::from_secs(3);
/// The difference from which on AWS refuses signatures is five minutes.
const SKEWED: Duration = Duration::from_mins(2);
/// Domains whose subdomains belong to different people, so that browsers treat them as different sites. The list of
/// browsers (publicsuffix.org) is much longer.
const SHARED: [&str; 9] = [
    "amazonaws.com",
    "cloudfront.net",
    "github.io",
    "herokuapp.com",
    "netlify.app",
    "pages.dev",
    "vercel.app",
    "web.app",
    "workers.dev",
];

/// Examines the service as a client would.
///
/// # Errors
/// If the certificates of `AWS_CA_BUNDLE` cannot be read.
pub(super) async fn examine(command: &Doctor, target: &Target) -> anyhow::Result<Vec<Finding>> {
    let web = target.web()?;
    let url = target.api_url(command.url.as_deref());
    let output = |name| target.deployment.as_ref()?.outputs.get(name);
    let issuer = output("Issuer")
        .map_or(url.as_str(), String::as_str)
        .trim_end_matches('/');
    // A given URL is where the service is reached, for instance before its domain has a record.
    let place = command.url.as_ref().map_or(issuer, |_| url.as_str());
    let mut findings = Vec::new();
    match web.read_json(&format!("{place}{DISCOVERY}")).await {
        Err(error) => findings.push(unreachable(&error)),
        Ok((answer, metadata)) => {
            findings.push(of_issuer(issuer, place, &metadata));
            findings.push(of_clock(&answer, system_time()));
            findings.push(examine_keys((issuer, place), &metadata, target, &web).await);
        }
    }
    let allowed = target
        .deployment
        .as_ref()
        .and_then(|deployment| deployment.parameter("AllowedOrigins"));
    let allowed = allowed.into_iter().flat_map(|origins| origins.split(','));
    let origins: Vec<_> = allowed.chain(command.origin.iter().map(String::as_str)).collect();
    for &origin in &origins {
        findings.push(match preflight(place, origin, &web).await {
            Ok(answer) => of_preflight(origin, &answer),
            Err(error) => Finding::problem("cors", format!("{error:#}"), "see the finding about the issuer"),
        });
        findings.push(of_cookies(origin, issuer));
    }
    if let Ok(answer) = preflight(place, STRANGER, &web).await {
        findings.push(of_stranger(&answer, origins.len()));
    }
    Ok(findings)
}

fn unreachable(error: &anyhow::Error) -> Finding {
    Finding::problem(
        "issuer",
        format!("{error:#}"),
        "verifiers read their keys there: check Issuer, the domain's DNS record and its certificate",
    )
}

fn of_issuer(issuer: &str, place: &str, metadata: &Value) -> Finding {
    const CHECK: &str = "issuer";
    match metadata.get("issuer").and_then(Value::as_str) {
        Some(said) if said.trim_end_matches('/') == issuer => Finding::ok(CHECK, format!("{said}, as in discovery")),
        Some(said) => Finding::problem(
            CHECK,
            format!("discovery at {place} has the issuer {said}, which is the iss of all tokens"),
            "verifiers compare both: call the service by its issuer, or deploy it with the right Issuer",
        ),
        None => Finding::problem(
            CHECK,
            format!("discovery at {place} has no issuer"),
            "is this the URL of a Gatehouse?",
        ),
    }
}

fn of_clock(answer: &Answer, now: SystemTime) -> Finding {
    const CHECK: &str = "clock";
    let Some(date) = answer
        .header(&DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
    else {
        return Finding::unknown(CHECK, "the answer has no date");
    };
    // A cache between here and the service tells how old its copy is (RFC 9111 s5.1).
    let age = answer.header(&AGE).and_then(|age| age.parse().ok()).unwrap_or_default();
    let date = date.checked_add(Duration::from_secs(age)).unwrap_or(date);
    let (apart, side) = match now.duration_since(date) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if apart <= PRECISION {
        return Finding::ok(CHECK, "this computer and the service agree");
    }
    let fact = format!("this computer is {} s {side} the service", apart.as_secs());
    let advice = "set the clock of this computer by NTP";
    if apart < SKEWED {
        Finding::warning(CHECK, fact, advice)
    } else {
        Finding::problem(CHECK, fact, advice)
    }
}

/// Compares the published keys with those of the key set.
async fn examine_keys((issuer, place): (&str, &str), metadata: &Value, target: &Target, web: &Web) -> Finding {
    const CHECK: &str = "public keys";
    let text = |name: &str| metadata.get(name).and_then(Value::as_str);
    let Some(url) = text("jwks_uri") else {
        return Finding::problem(CHECK, "discovery names no jwks_uri", "is this the URL of a Gatehouse?");
    };
    let Some(path) = url.strip_prefix(issuer) else {
        let advice = "call the service by its issuer";
        return Finding::warning(CHECK, format!("{url} is not below {issuer}"), advice);
    };
    let jwks = match web.read_json(&format!("{place}{path}")).await {
        Ok((_, jwks)) => jwks,
        Err(error) => {
            return Finding::problem(CHECK, format!("{error:#}"), "verifiers cannot verify tokens without it");
        }
    };
    let published = kids(&jwks);
    if !(target.local || target.deployment.is_some()) {
        return of_published(&published, None);
    }
    match key::read_schedule::<Access>(KeySetName::Access, target).await {
        Err(error) => {
            let why = hint::quote(error, target).await;
            Finding::unknown(
                CHECK,
                format!("published: {}; the key set is not known: {why:#}", published.join(", ")),
            )
        }
        Ok((schedule, _)) => {
            let now = SystemClock.now().timestamp();
            let keys = schedule
                .keys
                .iter()
                .filter(|key| key.retires_at.is_none_or(|at| at > now));
            let keys: Vec<_> = keys.map(|key| (key.kid.to_string(), key.alg.clone())).collect();
            of_published(&published, Some(&keys))
        }
    }
}

fn kids(jwks: &Value) -> Vec<String> {
    let keys = jwks.get("keys").and_then(Value::as_array).into_iter().flatten();
    keys.filter_map(|key| Some(key.get("kid")?.as_str()?.to_owned()))
        .collect()
}

/// Returns the finding about published keys. `keys` are the ids and the algorithms of the key set, if it is known.
fn of_published(published: &[String], keys: Option<&[(String, String)]>) -> Finding {
    const CHECK: &str = "public keys";
    let Some(keys) = keys else {
        return if published.is_empty() {
            let advice = "with HS256 there are none; otherwise wait a minute after the first deployment";
            Finding::warning(CHECK, "none are published", advice)
        } else {
            Finding::ok(CHECK, format!("published: {}", published.join(", ")))
        };
    };
    if keys.iter().all(|(_, alg)| alg == "HS256") && published.is_empty() {
        return Finding::ok(CHECK, "none, because HS256 has none");
    }
    let missing = keys
        .iter()
        .filter(|(kid, alg)| alg != "HS256" && !published.contains(kid));
    let missing: Vec<_> = missing.map(|(kid, _)| kid.as_str()).collect();
    if missing.is_empty() {
        return Finding::ok(CHECK, format!("published: {}", published.join(", ")));
    }
    Finding::problem(
        CHECK,
        format!("not published: {}", missing.join(", ")),
        "run `authctl key publish`; caches of verifiers have a key within five minutes",
    )
}

/// Asks as a browser does before a page of this origin sends a refresh (Fetch s4.8).
async fn preflight(url: &str, origin: &str, web: &Web) -> anyhow::Result<Answer> {
    let headers = [
        (ORIGIN, origin),
        (ACCESS_CONTROL_REQUEST_METHOD, "POST"),
        (ACCESS_CONTROL_REQUEST_HEADERS, "content-type,x-requested-with"),
    ];
    web.send(Method::OPTIONS, &format!("{url}/auth/refresh"), &headers, String::new())
        .await
}

fn of_preflight(origin: &str, answer: &Answer) -> Finding {
    const CHECK: &str = "cors";
    let is_allowed = answer.header(&ACCESS_CONTROL_ALLOW_ORIGIN) == Some(origin);
    let with_cookies = answer.header(&ACCESS_CONTROL_ALLOW_CREDENTIALS) == Some("true");
    if is_allowed && with_cookies {
        return Finding::ok(CHECK, format!("pages of {origin} may call the service, with cookies"));
    }
    Finding::problem(
        CHECK,
        format!("pages of {origin} may not call the service"),
        "add the origin to AllowedOrigins, exactly as the browser writes it",
    )
}

fn of_stranger(answer: &Answer, allowed: usize) -> Finding {
    const CHECK: &str = "cors";
    match answer.header(&ACCESS_CONTROL_ALLOW_ORIGIN) {
        None if allowed == 0 => Finding::ok(CHECK, "pages of no other origin may call the service"),
        None => Finding::ok(CHECK, "pages of other origins may not call the service"),
        Some(_) => Finding::problem(
            CHECK,
            "pages of any origin may call the service",
            "something in front of the service adds CORS headers: remove them there",
        ),
    }
}

/// Returns whether cookies of the service reach it from a page of this origin.
fn of_cookies(origin: &str, url: &str) -> Finding {
    const CHECK: &str = "cookies";
    let (Some(page), Some(api)) = (place(origin), place(url)) else {
        return Finding::problem(
            CHECK,
            format!("{origin} is not an origin"),
            "write it as https://app.example.com",
        );
    };
    if page == api {
        Finding::ok(CHECK, format!("{origin} is on the site of the service"))
    } else {
        Finding::warning(
            CHECK,
            format!("{origin} is on another site than {url}, so browsers keep no refresh token in a cookie for it"),
            "give the service a domain beside that of the page (DomainName), or log in with delivery=body: docs/browsers.md",
        )
    }
}

/// Returns the scheme and the registrable domain of a URL (HTML s7.1.1.1), or `None` if it has no host.
fn place(url: &str) -> Option<(String, String)> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host()?.to_ascii_lowercase();
    let labels: Vec<_> = host.split('.').collect();
    let is_address = host.contains(':') || labels.last()?.chars().all(|character| character.is_ascii_digit());
    let is_shared = SHARED.iter().any(|domain| host.ends_with(&format!(".{domain}")));
    let depth = match labels.as_slice() {
        _ if is_address || is_shared => labels.len(),
        [.., second, top]
            if top.len() == 2 && matches!(*second, "ac" | "co" | "com" | "edu" | "gov" | "net" | "org") =>
        {
            3
        }
        _ => 2,
    };
    let domain = labels.get(labels.len().saturating_sub(depth)..)?.join(".");
    Some((uri.scheme_str()?.to_owned(), domain))
}

#[cfg(test)]
mod tests {
    use hyper::{HeaderMap, StatusCode, header::HeaderName};
    use rstest::rstest;
    use serde_json::json;

    use super::{super::finding::State, *};

    #[rstest]
    #[case("https://app.example.com", "https://api.example.com", State::Ok)]
    #[case("https://example.com", "https://api.example.com", State::Ok)]
    #[case("http://localhost:5173", "http://localhost:3000", State::Ok)]
    #[case("https://app.example.co.uk", "https://api.example.co.uk", State::Ok)]
    #[case("https://one.co.uk", "https://two.co.uk", State::Warning)]
    #[case("http://app.example.com", "https://api.example.com", State::Warning)]
    #[case(
        "https://app.example.com",
        "https://abc.execute-api.eu-west-1.amazonaws.com",
        State::Warning
    )]
    #[case("https://one.cloudfront.net", "https://two.cloudfront.net", State::Warning)]
    #[case("http://127.0.0.1:5173", "http://127.0.0.1:3000", State::Ok)]
    #[case("http://10.0.0.1", "http://11.0.0.1", State::Warning)]
    #[case("app.example.com", "https://api.example.com", State::Problem)]
    fn cookies_need_one_site(#[case] origin: &str, #[case] url: &str, #[case] expected: State) {
        assert_eq!(of_cookies(origin, url).state, expected);
    }

    #[rstest]
    #[case(0, State::Ok)]
    #[case(3, State::Ok)]
    #[case(60, State::Warning)]
    #[case(300, State::Problem)]
    fn a_wrong_clock_is_found(#[case] seconds: u64, #[case] expected: State) {
        let at = |seconds| {
            SystemTime::UNIX_EPOCH
                .checked_add(Duration::from_secs(seconds))
                .unwrap()
        };
        let answer = answer(&[(DATE, "Tue, 14 Nov 2023 22:13:20 GMT")]);

        for now in [
            1_700_000_000_u64.saturating_add(seconds),
            1_700_000_000_u64.saturating_sub(seconds),
        ] {
            assert_eq!(of_clock(&answer, at(now)).state, expected);
        }
        assert_eq!(of_clock(&self::answer(&[]), at(0)).state, State::Unknown);
    }

    #[test]
    fn discovery_names_the_issuer_by_which_it_is_called() {
        let issuer = "https://auth.example.com";
        for (said, expected) in [
            (json!({"issuer": issuer}), State::Ok),
            (
                json!({"issuer": "https://abc.execute-api.eu-west-1.amazonaws.com"}),
                State::Problem,
            ),
            (json!({}), State::Problem),
        ] {
            assert_eq!(of_issuer(issuer, issuer, &said).state, expected);
        }
    }

    #[test]
    fn a_key_that_is_not_published_is_found() {
        let keys = [
            ("one".to_owned(), "EdDSA".to_owned()),
            ("two".to_owned(), "EdDSA".to_owned()),
        ];
        let all = kids(&json!({"keys": [{"kid": "one"}, {"kid": "two"}, {"kid": "old"}]}));
        let secret = [("one".to_owned(), "HS256".to_owned())];

        assert_eq!(of_published(&all, Some(&keys)).state, State::Ok);
        assert!(of_published(&["one".to_owned()], Some(&keys)).fact.contains("two"));
        assert_eq!(of_published(&[], Some(&secret)).state, State::Ok);
        assert_eq!(of_published(&[], None).state, State::Warning);
    }

    #[test]
    fn only_allowed_pages_call_the_service() {
        let page = "https://app.example.com";
        let allowed = answer(&[
            (ACCESS_CONTROL_ALLOW_ORIGIN, page),
            (ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        ]);
        let open = answer(&[(ACCESS_CONTROL_ALLOW_ORIGIN, "*")]);

        assert_eq!(of_preflight(page, &allowed).state, State::Ok);
        assert_eq!(of_preflight(page, &open).state, State::Problem);
        assert_eq!(of_stranger(&answer(&[]), 1).state, State::Ok);
        assert_eq!(of_stranger(&open, 1).state, State::Problem);
    }

    fn answer(headers: &[(HeaderName, &str)]) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        Answer {
            status: StatusCode::OK,
            headers: headers.collect::<HeaderMap>(),
            body: hyper::body::Bytes::new(),
        }
    }
}
