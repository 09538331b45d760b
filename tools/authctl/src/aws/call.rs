//! Calls to services of AWS whose clients would take minutes to compile, for a few reads.

use std::time::Duration;

use anyhow::{Context as _, bail};
use auth::error::StoreError;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use config::Environment;
use connections::{Limits, Origin};
use http_body_util::Full;
use hyper::{
    Method, Request, Response,
    body::Bytes,
    header::{ACCEPT, CONTENT_TYPE, HOST},
    http::Uri,
};
use serde_json::Value;
use store::NO_CREDENTIALS;
use tokio::time::{sleep, timeout};

use super::Session;
use crate::{cause::Cause, clock::system_time};

/// The limits of one request.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(10),
    answer: 8 * 1024 * 1024,
};
/// The maximum time of one request.
const PATIENCE: Duration = Duration::from_secs(30);
/// The maximum time of all tries of one call together.
const ALL: Duration = Duration::from_secs(50);
/// The waits between the tries.
const WAITS: [Duration; 3] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// A service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    /// The first label of its host.
    host: &'static str,
    /// The name with which requests to it are signed.
    name: &'static str,
    /// The environment variable with its URL, if it is not at its region's endpoint.
    endpoint: &'static str,
}

impl Service {
    /// The HTTP APIs and the WebSocket APIs of API Gateway.
    pub(crate) const HTTP_APIS: Self = Self {
        host: "apigateway",
        name: "apigateway",
        endpoint: "AWS_ENDPOINT_URL_APIGATEWAYV2",
    };
    /// The REST APIs of API Gateway.
    pub(crate) const REST_APIS: Self = Self {
        endpoint: "AWS_ENDPOINT_URL_API_GATEWAY",
        ..Self::HTTP_APIS
    };
    /// CloudWatch.
    pub(crate) const METRICS: Self = Self {
        host: "monitoring",
        name: "monitoring",
        endpoint: "AWS_ENDPOINT_URL_CLOUDWATCH",
    };
    /// Lambda.
    pub(crate) const LAMBDA: Self = Self {
        host: "lambda",
        name: "lambda",
        endpoint: "AWS_ENDPOINT_URL_LAMBDA",
    };
}

/// A call, which only reads.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What it does, for errors.
    operation: &'static str,
    service: Service,
    method: Method,
    /// The path and the query, percent-encoded.
    target: String,
    /// The operation in the header `X-Amz-Target`, for services with one path.
    action: Option<&'static str>,
    body: String,
}

impl Call {
    /// Returns a call that gets a resource. `target` is its path with a query, percent-encoded.
    pub(crate) const fn get(operation: &'static str, service: Service, target: String) -> Self {
        Self {
            operation,
            service,
            method: Method::GET,
            target,
            action: None,
            body: String::new(),
        }
    }

    /// Returns a call of an action, with its input as JSON.
    pub(crate) fn action(operation: &'static str, service: Service, action: &'static str, input: &Value) -> Self {
        Self {
            operation,
            service,
            method: Method::POST,
            target: "/".to_owned(),
            action: Some(action),
            body: input.to_string(),
        }
    }

    fn unavailable(&self, cause: &str) -> StoreError {
        StoreError::Unavailable {
            operation: self.operation,
            cause: cause.to_owned(),
        }
    }
}

impl Session {
    /// Makes a call, and makes it again if it failed and may succeed in a moment. Returns the answer.
    ///
    /// # Errors
    /// If the service refuses or cannot be reached, or does not answer with JSON.
    pub(crate) async fn call(&self, call: &Call) -> anyhow::Result<Value> {
        let tries = timeout(ALL, self.try_often(call)).await;
        tries.unwrap_or_else(|_| Err(call.unavailable(store::NetworkFault::NoAnswer.text()).into()))
    }

    async fn try_often(&self, call: &Call) -> anyhow::Result<Value> {
        let mut waits = WAITS.into_iter();
        loop {
            match self.try_once(call).await {
                Err(error) if is_temporary(&error) => match waits.next() {
                    Some(wait) => sleep(wait).await,
                    None => return Err(error),
                },
                outcome => return outcome,
            }
        }
    }

    async fn try_once(&self, call: &Call) -> anyhow::Result<Value> {
        let (origin, request) = self.sign(call).await?;
        let answer = timeout(PATIENCE, self.connections.send(&origin, request, LIMITS)).await;
        let answer = match answer {
            Ok(answer) => answer.map_err(|failure| call.unavailable(failure.text()))?,
            Err(_) => bail!(call.unavailable(store::NetworkFault::NoAnswer.text())),
        };
        self.read(call, &answer)
    }

    fn read(&self, call: &Call, answer: &Response<Bytes>) -> anyhow::Result<Value> {
        if answer.status().is_success() {
            return serde_json::from_slice(answer.body()).with_context(|| format!("{}: not JSON", call.operation));
        }
        let header = answer.headers().get("x-amzn-errortype");
        let header = header.and_then(|header| header.to_str().ok());
        let code = self.refusals.remember_body(header, answer.body());
        let status = answer.status().to_string();
        bail!(call.unavailable(code.as_deref().unwrap_or(&status)))
    }

    /// Returns the host of a call, and the signed request.
    async fn sign(&self, call: &Call) -> anyhow::Result<(Origin, Request<Full<Bytes>>)> {
        let config = self
            .aws
            .service_config(&Environment::from_process(), call.service.endpoint)?;
        let region = config.region().context("no region")?.to_string();
        let base = config
            .endpoint_url()
            .map_or_else(|| endpoint(call.service, &region), str::to_owned);
        let url = format!("{}{}", base.trim_end_matches('/'), call.target);
        let uri: Uri = url.parse().with_context(|| format!("{base} is not a URL"))?;
        let origin = Origin::of(&uri).with_context(|| format!("{base} is not a URL of a host"))?;
        let provider = config.credentials_provider().context("no credentials")?;
        let credentials = provider.provide_credentials().await;
        let identity = credentials.map_err(|_| call.unavailable(NO_CREDENTIALS))?.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&region)
            .name(call.service.name)
            .time(system_time())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let authority = origin.authority();
        let mut headers = vec![(HOST, authority.as_str()), (ACCEPT, "application/json")];
        if call.action.is_some() {
            headers.push((CONTENT_TYPE, "application/x-amz-json-1.0"));
        }
        let action = call.action.map(|action| ("x-amz-target", action));
        let signed = headers
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .chain(action);
        let body = SignableBody::Bytes(call.body.as_bytes());
        let signable = SignableRequest::new(call.method.as_str(), &url, signed, body)?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let mut request = Request::builder().method(&call.method).uri(target);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some((name, value)) = action {
            request = request.header(name, value);
        }
        let mut request = request.body(Full::new(Bytes::from(call.body.clone())))?;
        instructions.apply_to_request_http1x(&mut request);
        Ok((origin, request))
    }
}

/// Returns the URL of a service in a region (documented for each partition).
fn endpoint(service: Service, region: &str) -> String {
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("https://{}.{region}.amazonaws.com{suffix}", service.host)
}

fn is_temporary(error: &anyhow::Error) -> bool {
    match error.downcast_ref() {
        Some(StoreError::Unavailable { cause: text, .. }) => {
            let cause = Cause::from_text(text);
            cause.is_temporary() && (cause != Cause::Unknown || text.starts_with('5'))
        }
        Some(StoreError::Malformed { .. }) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_at_the_endpoint_of_its_region() {
        for (region, expected) in [
            ("eu-west-1", "https://monitoring.eu-west-1.amazonaws.com"),
            ("cn-north-1", "https://monitoring.cn-north-1.amazonaws.com.cn"),
        ] {
            assert_eq!(endpoint(Service::METRICS, region), expected);
        }
    }
}
