//! The events for functions, in payload format 2.0 (documented in "Working with AWS Lambda proxy integrations for HTTP
//! APIs" and "AWS Lambda authorizers for HTTP APIs").

use claims::Moment;
use serde_json::{Map, Value, json};

use super::{authorization::Authorization, request::GatewayRequest, route::RouteMatch};

const ACCOUNT: &str = "000000000000";
const API: &str = "local";
const STAGE: &str = "$default";

/// Returns the event that the function of the route gets for a request.
pub(crate) fn integration(
    request: &GatewayRequest,
    matched: &RouteMatch<'_>,
    authorization: Option<&Authorization>,
) -> Value {
    let mut event = common(request, matched);
    let context = event.get_mut("requestContext").and_then(Value::as_object_mut);
    if let (Some(context), Some(authorization)) = (context, authorization) {
        context.insert("authorizer".to_owned(), json!({"lambda": authorization.context}));
    }
    event.insert("isBase64Encoded".to_owned(), request.is_base64_encoded.into());
    insert(&mut event, "body", request.body.clone());
    Value::Object(event)
}

/// Returns the event that the authorizer of the route gets for a request.
pub(crate) fn authorizer(request: &GatewayRequest, matched: &RouteMatch<'_>, identity: &[String]) -> Value {
    let mut event = common(request, matched);
    event.insert("type".to_owned(), "REQUEST".into());
    event.insert("routeArn".to_owned(), route_arn(request).into());
    event.insert("identitySource".to_owned(), identity.into());
    Value::Object(event)
}

/// Returns `arn:<partition>:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>`.
pub(crate) fn route_arn(request: &GatewayRequest) -> String {
    format!(
        "arn:aws:execute-api:local:{ACCOUNT}:{API}/{STAGE}/{}{}",
        request.method, request.path
    )
}

fn common(request: &GatewayRequest, matched: &RouteMatch<'_>) -> Map<String, Value> {
    let host = request.header("host").unwrap_or_else(|| "localhost".to_owned());
    let domain = host.split(':').next().unwrap_or_default();
    let route_key = matched.route.key();
    let mut event = Map::from_iter([
        ("version".to_owned(), json!("2.0")),
        ("routeKey".to_owned(), json!(route_key)),
        ("rawPath".to_owned(), json!(request.path)),
        ("rawQueryString".to_owned(), json!(request.query)),
        ("headers".to_owned(), request.join_headers().into()),
        (
            "requestContext".to_owned(),
            json!({
                "accountId": ACCOUNT,
                "apiId": API,
                "domainName": domain,
                "domainPrefix": domain.split('.').next(),
                "http": {
                    "method": request.method,
                    "path": request.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": request.source_ip,
                    "userAgent": request.header("user-agent").unwrap_or_default(),
                },
                "requestId": request.id,
                "routeKey": route_key,
                "stage": STAGE,
                "time": time(request.arrived_at),
                "timeEpoch": request.arrived_at.get(),
            }),
        ),
    ]);
    insert(&mut event, "cookies", request.cookies());
    insert(&mut event, "queryStringParameters", request.query_parameters());
    let parameters = (!matched.parameters.is_empty()).then(|| matched.parameters.clone());
    insert(&mut event, "pathParameters", parameters);
    event
}

/// Inserts a field if it has a value. API Gateway leaves out fields without one (documented).
fn insert(event: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    event.extend(value.map(|value| (name.to_owned(), value.into())));
}

/// Formats a time as in `12/Mar/2020:19:03:58 +0000`.
fn time(at: Moment) -> String {
    let milliseconds = i64::try_from(at.get()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|time| time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string())
        .unwrap_or_default()
}
