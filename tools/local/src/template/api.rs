//! The HTTP API of the template, with its routes, authorizers and CORS.

use std::{collections::BTreeMap, fmt, time::Duration};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::{
    Cors, Function, Template, cors, plain,
    settings::{Read, Settings},
    text, whole,
};

/// An HTTP API.
#[derive(Clone, Debug)]
pub struct Api {
    /// The routes, in the template's order.
    pub routes: Vec<Route>,
    /// The authorizers, by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// The CORS settings, if the template has any.
    pub cors: Option<Cors>,
    /// The API's settings in the template that the local gateway does not imitate.
    pub not_imitated: Vec<String>,
}

/// A route, which sends requests to a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method in upper case, or `ANY`.
    pub method: String,
    /// The path as API Gateway writes it: `/reports/{id}`, `/{proxy+}`.
    pub path: String,
    /// The function's name.
    pub function: String,
    /// The function's timeout.
    pub timeout: Duration,
    /// The name of the route's authorizer, or `None` if everyone may call the route.
    pub authorizer: Option<String>,
}

/// A Lambda authorizer of payload format 2.0.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// The function's name.
    pub function: String,
    /// The function's timeout.
    pub timeout: Duration,
    /// The required parts of a request, which are also the key of the cached answers.
    pub identity: Vec<IdentitySource>,
    /// The cache time of an answer; zero turns the cache off.
    pub cache: Duration,
    /// The kind of the authorizer's answers.
    pub answer: AuthorizerAnswer,
}

/// The kind of an authorizer's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizerAnswer {
    /// An object with `isAuthorized` and `context`.
    Simple,
    /// An IAM policy.
    Policy,
}

/// A part of the request that identifies the caller to an authorizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentitySource {
    /// A header. The case of its name does not matter.
    Header(String),
    /// A query parameter.
    Query(String),
    /// The route key, so that each route has its own cached answers.
    RouteKey,
}

impl fmt::Display for IdentitySource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(formatter, "$request.header.{name}"),
            Self::Query(name) => write!(formatter, "$request.querystring.{name}"),
            Self::RouteKey => formatter.write_str("$context.routeKey"),
        }
    }
}

impl Route {
    /// Returns `<method> <path>`, which is API Gateway's name of a route.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Finds the one HTTP API with its routes, authorizers and functions.
pub(super) fn read(template: &Template) -> anyhow::Result<Api> {
    let mut apis = template.of_type("AWS::Serverless::HttpApi");
    let (id, properties) = apis.next().context("the template has no AWS::Serverless::HttpApi")?;
    ensure!(apis.next().is_none(), "the template has more than one HTTP API");
    let functions = template.functions()?;
    let read = Read::default();
    let settings = Settings::new(id, properties, &read);

    let auth = settings.get("Auth");
    let declared = auth.as_ref().and_then(|auth| auth.get("Authorizers"));
    let authorizers = declared
        .iter()
        .flat_map(Settings::members)
        .map(|(name, value)| {
            let authorizer = authorizer(&value, &functions).with_context(|| format!("in authorizer {name}"))?;
            Ok((name.to_owned(), authorizer))
        })
        .collect::<anyhow::Result<BTreeMap<_, _>>>()?;
    let default = auth.and_then(|auth| text_of(&auth, "DefaultAuthorizer"));
    let cors = settings.get("CorsConfiguration").map(|value| cors::read(&value));

    let mut routes = Vec::new();
    let mut not_imitated = settings.unread();
    for (function_id, function) in template.of_type("AWS::Serverless::Function") {
        let answers = functions.get(function_id).context("not a function")?;
        for (name, event) in function.get("Events").and_then(Value::as_object).into_iter().flatten() {
            let path = format!("{function_id}.{name}");
            let place = || format!("in event {name} of {function_id}");
            if text(event, "/Type").with_context(place)? != "HttpApi" {
                continue;
            }
            let event = Settings::new(&path, event.get("Properties").unwrap_or(&Value::Null), &read);
            let route = route(&event, id, answers, default.as_deref()).with_context(place)?;
            if let Some(route) = route {
                routes.push(route);
                not_imitated.extend(event.unread());
            }
        }
    }
    for name in routes.iter().filter_map(|route| route.authorizer.as_ref()) {
        ensure!(authorizers.contains_key(name), "no authorizer is named {name}");
    }
    Ok(Api {
        routes,
        authorizers,
        cors,
        not_imitated,
    })
}

/// Reads a route. Returns `None` if it belongs to another API.
fn route(event: &Settings<'_>, api: &str, function: &Function, default: Option<&str>) -> anyhow::Result<Option<Route>> {
    if text_of(event, "ApiId").is_some_and(|id| id != api) {
        return Ok(None);
    }
    let named = event.get("Auth").and_then(|auth| text_of(&auth, "Authorizer"));
    let authorizer = named.or_else(|| default.map(str::to_owned));
    Ok(Some(Route {
        method: text_of(event, "Method").context("no Method")?.to_ascii_uppercase(),
        path: text_of(event, "Path").context("no Path")?,
        function: function.name.clone(),
        timeout: function.timeout,
        authorizer: authorizer.filter(|name| name != "NONE"),
    }))
}

fn authorizer(value: &Settings<'_>, functions: &BTreeMap<String, Function>) -> anyhow::Result<Authorizer> {
    let arn = text_of(value, "FunctionArn").context("no FunctionArn")?;
    let id = arn.trim_end_matches(".Arn");
    let function = functions
        .get(id)
        .with_context(|| format!("no function is named {id}"))?;
    if text_of(value, "AuthorizerPayloadFormatVersion").as_deref() != Some("2.0") {
        bail!("unsupported payload format: only 2.0 is imitated");
    }
    let simple = text_of(value, "EnableSimpleResponses").is_some_and(|text| text == "true");
    let identity = value.get("Identity");
    let cache = identity.as_ref().and_then(|identity| identity.get("ReauthorizeEvery"));
    Ok(Authorizer {
        function: function.name.clone(),
        timeout: function.timeout,
        identity: identity.as_ref().map_or_else(|| Ok(Vec::new()), identity_sources)?,
        cache: Duration::from_secs(cache.and_then(|cache| whole(cache.value(), "")).unwrap_or(0)),
        answer: if simple {
            AuthorizerAnswer::Simple
        } else {
            AuthorizerAnswer::Policy
        },
    })
}

fn identity_sources(identity: &Settings<'_>) -> anyhow::Result<Vec<IdentitySource>> {
    let strings = |name| -> Vec<String> {
        let value = identity.get(name);
        let items = value.as_ref().and_then(|value| value.value().as_array());
        items.into_iter().flatten().map(plain).collect()
    };
    let headers = strings("Headers").into_iter().map(IdentitySource::Header);
    let mut sources: Vec<_> = headers
        .chain(strings("QueryStrings").into_iter().map(IdentitySource::Query))
        .collect();
    for context in strings("Context") {
        ensure!(
            context == "routeKey",
            "unsupported $context.{context}: only routeKey is imitated"
        );
        sources.push(IdentitySource::RouteKey);
    }
    ensure!(strings("StageVariables").is_empty(), "stage variables are not imitated");
    Ok(sources)
}

/// Returns a scalar member as a string, as CloudFormation converts it.
fn text_of(settings: &Settings<'_>, name: &str) -> Option<String> {
    settings.get(name).map(|value| plain(value.value()))
}
