//! The HTTP API of the template: routes, what guards them, CORS.

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
    /// Its routes, in the template's order.
    pub routes: Vec<Route>,
    /// Its authorizers, by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// What it tells browsers; nothing unless the template says so.
    pub cors: Option<Cors>,
    /// What the template says of it, and the gateway here does not do.
    pub not_imitated: Vec<String>,
}

/// One route: which requests reach which function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method in upper case, or `ANY`.
    pub method: String,
    /// The path as API Gateway writes it: `/reports/{id}`, `/{proxy+}`.
    pub path: String,
    /// The function's name.
    pub function: String,
    /// How long the function may take.
    pub timeout: Duration,
    /// The name of the authorizer that is asked first.
    pub authorizer: Option<String>,
}

/// A Lambda authorizer of payload format 2.0.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// The function's name.
    pub function: String,
    /// How long the function may take.
    pub timeout: Duration,
    /// What must be there before it is asked, and what its answers are kept under.
    pub identity: Vec<IdentitySource>,
    /// How long an answer is kept; not at all when zero.
    pub cache: Duration,
    /// The kind of answer that it gives.
    pub answer: AuthorizerAnswer,
}

/// The kind of answer that an authorizer gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizerAnswer {
    /// `{"isAuthorized", "context"}`.
    Simple,
    /// An IAM policy.
    Policy,
}

/// Where an authorizer finds whom it decides about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentitySource {
    /// A header, under whatever case.
    Header(String),
    /// A parameter of the query.
    Query(String),
    /// The route key, so that each route has answers of its own.
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
    /// `<method> <path>`, as API Gateway names a route.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Finds the one HTTP API and everything that hangs on it.
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
        let answers = functions.get(function_id).context("a function that is not one")?;
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
        ensure!(authorizers.contains_key(name), "no authorizer is called {name}");
    }
    Ok(Api {
        routes,
        authorizers,
        cors,
        not_imitated,
    })
}

/// A route; `None` where it is another API's.
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
        .with_context(|| format!("no function is called {id}"))?;
    if text_of(value, "AuthorizerPayloadFormatVersion").as_deref() != Some("2.0") {
        bail!("only payload format 2.0 is imitated");
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
    let texts = |name| -> Vec<String> {
        let value = identity.get(name);
        let items = value.as_ref().and_then(|value| value.value().as_array());
        items.into_iter().flatten().map(plain).collect()
    };
    let headers = texts("Headers").into_iter().map(IdentitySource::Header);
    let mut sources: Vec<_> = headers
        .chain(texts("QueryStrings").into_iter().map(IdentitySource::Query))
        .collect();
    for context in texts("Context") {
        ensure!(context == "routeKey", "of $context, only routeKey is imitated");
        sources.push(IdentitySource::RouteKey);
    }
    ensure!(texts("StageVariables").is_empty(), "stage variables are not imitated");
    Ok(sources)
}

/// A scalar member as the text that CloudFormation makes of it.
fn text_of(settings: &Settings<'_>, name: &str) -> Option<String> {
    settings.get(name).map(|value| plain(value.value()))
}
