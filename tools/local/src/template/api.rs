//! The HTTP API of the template, with its routes, authorizers and CORS.

use std::{collections::BTreeMap, fmt, time::Duration};

use anyhow::{Context as _, bail, ensure};

use super::{
    Cors, Function, Template, cors, plain,
    settings::{Read, Settings},
    whole,
};

/// An HTTP API.
#[derive(Clone, Debug)]
pub struct Api {
    /// The routes, in the template's order.
    pub routes: Vec<Route>,
    /// The authorizers, by their logical ids.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// The CORS settings, if the template has any.
    pub cors: Option<Cors>,
    /// The format of the access log, if there is one.
    pub access_log: Option<String>,
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
    /// The logical id of the route's authorizer, or `None` if everyone may call the route.
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
    let mut apis = template.of_type("AWS::ApiGatewayV2::Api");
    let (id, properties) = apis.next().context("the template has no AWS::ApiGatewayV2::Api")?;
    ensure!(apis.next().is_none(), "the template has more than one HTTP API");
    let functions = template.functions()?;
    let read = Read::default();
    let parts = |kind: &str| -> Vec<(&String, Settings<'_>)> {
        let all = template
            .of_type(kind)
            .map(|(name, value)| (name, Settings::new(name, value, &read)));
        all.filter(|(_, part)| text_of(part, "ApiId").is_some_and(|api| api == *id))
            .collect()
    };

    let settings = Settings::new(id, properties, &read);
    ensure!(
        text_of(&settings, "ProtocolType").as_deref() == Some("HTTP"),
        "{id} is not an HTTP API"
    );
    settings.get("Name");
    let cors = settings.get("CorsConfiguration").map(|value| cors::read(&value));
    let stages = parts("AWS::ApiGatewayV2::Stage");
    for (name, stage) in &stages {
        let is_default = text_of(stage, "StageName").as_deref() == Some("$default");
        let deploys = text_of(stage, "AutoDeploy").as_deref() == Some("true");
        ensure!(is_default && deploys, "{name} is not a stage $default with AutoDeploy");
    }
    let logged = stages.iter().find_map(|(_, stage)| stage.get("AccessLogSettings"));
    if let Some(logged) = &logged {
        logged.get("DestinationArn");
    }
    let access_log = logged.and_then(|logged| text_of(&logged, "Format"));
    let declared = parts("AWS::ApiGatewayV2::Authorizer");
    let authorizers = declared
        .iter()
        .map(|(name, value)| {
            let authorizer = authorizer(value, &functions).with_context(|| format!("in {name}"))?;
            Ok(((*name).clone(), authorizer))
        })
        .collect::<anyhow::Result<BTreeMap<_, _>>>()?;
    let integrations = parts("AWS::ApiGatewayV2::Integration");
    let answering = integrations
        .iter()
        .map(|(name, value)| {
            let function = integration(value, &functions).with_context(|| format!("in {name}"))?;
            Ok((name.as_str(), function))
        })
        .collect::<anyhow::Result<BTreeMap<_, _>>>()?;
    let declared_routes = parts("AWS::ApiGatewayV2::Route");
    let routes = declared_routes
        .iter()
        .map(|(name, value)| route(value, &answering, &authorizers).with_context(|| format!("in {name}")))
        .collect::<anyhow::Result<_>>()?;

    let others = [stages, declared, integrations, declared_routes].concat();
    let unread = others.iter().flat_map(|(_, part)| part.unread());
    Ok(Api {
        routes,
        authorizers,
        cors,
        access_log,
        not_imitated: settings.unread().into_iter().chain(unread).collect(),
    })
}

/// Reads a route, which names its integration and its authorizer.
fn route(
    value: &Settings<'_>,
    answering: &BTreeMap<&str, &Function>,
    authorizers: &BTreeMap<String, Authorizer>,
) -> anyhow::Result<Route> {
    let key = text_of(value, "RouteKey").context("no RouteKey")?;
    let (method, path) = key.split_once(' ').with_context(|| format!("no path in {key}"))?;
    let target = text_of(value, "Target").context("no Target")?;
    let function = target
        .strip_prefix("integrations/")
        .and_then(|name| answering.get(name));
    let function = function.with_context(|| format!("no integration is named {target}"))?;
    let authorizer = match text_of(value, "AuthorizationType").as_deref() {
        None | Some("NONE") => None,
        Some("CUSTOM") => Some(text_of(value, "AuthorizerId").context("no AuthorizerId")?),
        Some(other) => bail!("unsupported authorization: {other} is not imitated"),
    };
    if let Some(name) = &authorizer {
        ensure!(authorizers.contains_key(name), "no authorizer is named {name}");
    }
    Ok(Route {
        method: method.to_owned(),
        path: path.to_owned(),
        function: function.name.clone(),
        timeout: function.timeout,
        authorizer,
    })
}

/// Returns the function that an integration invokes.
fn integration<'a>(value: &Settings<'_>, functions: &'a BTreeMap<String, Function>) -> anyhow::Result<&'a Function> {
    let kind = text_of(value, "IntegrationType");
    ensure!(kind.as_deref() == Some("AWS_PROXY"), "only AWS_PROXY is imitated");
    ensure_format(value, "PayloadFormatVersion")?;
    let arn = text_of(value, "IntegrationUri").context("no IntegrationUri")?;
    named(functions, arn.trim_end_matches(".Arn"))
}

fn authorizer(value: &Settings<'_>, functions: &BTreeMap<String, Function>) -> anyhow::Result<Authorizer> {
    value.get("Name");
    let kind = text_of(value, "AuthorizerType");
    ensure!(kind.as_deref() == Some("REQUEST"), "only REQUEST is imitated");
    ensure_format(value, "AuthorizerPayloadFormatVersion")?;
    // The URI is `arn:…:path/2015-03-31/functions/<id>.<Arn or Alias>/invocations`.
    let uri = text_of(value, "AuthorizerUri").context("no AuthorizerUri")?;
    let id = uri.split("/functions/").nth(1).and_then(|rest| rest.split('.').next());
    let function = named(functions, id.with_context(|| format!("no function in {uri}"))?)?;
    let simple = text_of(value, "EnableSimpleResponses").is_some_and(|text| text == "true");
    let cache = value.get("AuthorizerResultTtlInSeconds");
    let cache = cache.and_then(|cache| whole(cache.value(), ""));
    let sources = value.get("IdentitySource");
    let sources = sources.as_ref().and_then(|sources| sources.value().as_array());
    Ok(Authorizer {
        function: function.name.clone(),
        timeout: function.timeout,
        identity: sources
            .into_iter()
            .flatten()
            .map(|source| identity_source(&plain(source)))
            .collect::<anyhow::Result<_>>()?,
        cache: Duration::from_secs(cache.unwrap_or(0)),
        answer: if simple {
            AuthorizerAnswer::Simple
        } else {
            AuthorizerAnswer::Policy
        },
    })
}

fn identity_source(text: &str) -> anyhow::Result<IdentitySource> {
    let header = text.strip_prefix("$request.header.").map(str::to_owned);
    let query = text.strip_prefix("$request.querystring.").map(str::to_owned);
    let route_key = (text == "$context.routeKey").then_some(IdentitySource::RouteKey);
    header
        .map(IdentitySource::Header)
        .or(query.map(IdentitySource::Query))
        .or(route_key)
        .with_context(|| format!("unsupported identity source: {text} is not imitated"))
}

fn named<'a>(functions: &'a BTreeMap<String, Function>, id: &str) -> anyhow::Result<&'a Function> {
    functions.get(id).with_context(|| format!("no function is named {id}"))
}

fn ensure_format(value: &Settings<'_>, name: &str) -> anyhow::Result<()> {
    ensure!(
        text_of(value, name).as_deref() == Some("2.0"),
        "unsupported payload format: only 2.0 is imitated"
    );
    Ok(())
}

/// Returns a scalar member as a string, as CloudFormation converts it.
fn text_of(settings: &Settings<'_>, name: &str) -> Option<String> {
    settings.get(name).map(|value| plain(value.value()))
}
