//! The HTTP API of the template: routes, what guards them, CORS.

use std::{collections::BTreeMap, fmt, time::Duration};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::{Template, list, plain, text, whole};

/// An HTTP API.
#[derive(Clone, Debug)]
pub struct Api {
    /// Its routes, in the template's order.
    pub routes: Vec<Route>,
    /// Its authorizers, by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// What it tells browsers; nothing unless the template says so.
    pub cors: Option<Cors>,
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

/// What an API tells browsers of other origins.
#[derive(Clone, Debug)]
pub struct Cors {
    /// The origins that may read answers.
    pub origins: Vec<String>,
    /// The methods that they may use.
    pub methods: Vec<String>,
    /// The headers that they may send.
    pub headers: Vec<String>,
    /// Whether they may send cookies.
    pub credentials: bool,
    /// For how long they may remember all this, in seconds.
    pub max_age: u64,
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
    let timeout_of = |name: &str| {
        functions
            .values()
            .find(|function| function.name == name)
            .map_or(Duration::ZERO, |function| function.timeout)
    };
    let function_of = |id: &str| {
        functions
            .get(id)
            .map(|function| function.name.clone())
            .with_context(|| format!("no function is called {id}"))
    };

    let declared = properties.pointer("/Auth/Authorizers").and_then(Value::as_object);
    let authorizers = declared
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let arn = text(value, "/FunctionArn")?;
            let function = function_of(arn.trim_end_matches(".Arn"))?;
            let timeout = timeout_of(&function);
            let authorizer = authorizer(value, function, timeout).with_context(|| format!("in authorizer {name}"))?;
            Ok((name.clone(), authorizer))
        })
        .collect::<anyhow::Result<BTreeMap<_, _>>>()?;
    let default = properties.pointer("/Auth/DefaultAuthorizer").map(plain);

    let mut routes = Vec::new();
    for (function_id, function) in template.of_type("AWS::Serverless::Function") {
        for event in function.get("Events").and_then(Value::as_object).into_iter().flatten() {
            let (name, event) = event;
            let route = route(event, id, &function_of(function_id)?, default.as_deref())
                .with_context(|| format!("in event {name} of {function_id}"))?;
            routes.extend(route.map(|route| Route {
                timeout: timeout_of(&route.function),
                ..route
            }));
        }
    }
    for name in routes.iter().filter_map(|route| route.authorizer.as_ref()) {
        ensure!(authorizers.contains_key(name), "no authorizer is called {name}");
    }
    Ok(Api {
        routes,
        authorizers,
        cors: properties.get("CorsConfiguration").map(cors),
    })
}

fn route(event: &Value, api: &str, function: &str, default: Option<&str>) -> anyhow::Result<Option<Route>> {
    if text(event, "/Type")? != "HttpApi" || text(event, "/Properties/ApiId").is_ok_and(|id| id != api) {
        return Ok(None);
    }
    let named = event.pointer("/Properties/Auth/Authorizer").map(plain);
    let authorizer = named.or_else(|| default.map(str::to_owned));
    Ok(Some(Route {
        method: text(event, "/Properties/Method")?.to_ascii_uppercase(),
        path: text(event, "/Properties/Path")?.to_owned(),
        function: function.to_owned(),
        timeout: Duration::ZERO,
        authorizer: authorizer.filter(|name| name != "NONE"),
    }))
}

fn authorizer(value: &Value, function: String, timeout: Duration) -> anyhow::Result<Authorizer> {
    let format = value.get("AuthorizerPayloadFormatVersion").map(plain);
    if format.as_deref() != Some("2.0") {
        bail!("only payload format 2.0 is imitated");
    }
    let simple = value
        .get("EnableSimpleResponses")
        .map(plain)
        .is_some_and(|text| text == "true");
    let none = Value::Null;
    let identity = value.get("Identity").unwrap_or(&none);
    let named = |member, make: fn(String) -> IdentitySource| {
        list(identity, member).iter().map(plain).map(make).collect::<Vec<_>>()
    };
    let mut sources = named("Headers", IdentitySource::Header);
    sources.extend(named("QueryStrings", IdentitySource::Query));
    for context in list(identity, "Context") {
        ensure!(context == "routeKey", "of $context, only routeKey is imitated");
        sources.push(IdentitySource::RouteKey);
    }
    ensure!(
        list(identity, "StageVariables").is_empty(),
        "stage variables are not imitated"
    );
    Ok(Authorizer {
        function,
        timeout,
        identity: sources,
        cache: Duration::from_secs(whole(identity, "/ReauthorizeEvery").unwrap_or(0)),
        answer: if simple {
            AuthorizerAnswer::Simple
        } else {
            AuthorizerAnswer::Policy
        },
    })
}

fn cors(value: &Value) -> Cors {
    let texts = |name| list(value, name).iter().map(plain).collect();
    Cors {
        origins: texts("AllowOrigins"),
        methods: texts("AllowMethods"),
        headers: texts("AllowHeaders"),
        credentials: value
            .get("AllowCredentials")
            .map(plain)
            .is_some_and(|text| text == "true"),
        max_age: whole(value, "/MaxAge").unwrap_or(0),
    }
}
