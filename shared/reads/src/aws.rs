//! Calls to DynamoDB and Secrets Manager, with the credentials and connections that they need.

use std::sync::Arc;

use auth::error::StoreError;
use claims::{Clock as _, Timestamp};
use config::{ConfigError, Environment, SystemClock};
use connections::Connections;
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::Bytes,
    header::{DATE, HeaderName},
};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    attempt::Patience,
    credentials::Credentials,
    date,
    endpoint::Endpoint,
    fault::{Fault, malformed},
    signature::Unsigned,
};

/// DynamoDB and Secrets Manager. Clones share their connections. Nothing connects before the first call.
#[derive(Clone, Debug)]
pub struct Aws(Arc<Services>);

#[derive(Debug)]
struct Services {
    credentials: Credentials,
    region: String,
    connections: Connections,
    dynamodb: Service,
    secrets_manager: Service,
}

/// One service, and how it is called.
#[derive(Debug)]
struct Service {
    endpoint: Endpoint,
    /// The service's name in signatures.
    name: &'static str,
    /// The `Content-Type` of requests: the service's version of the JSON protocol.
    content_type: &'static str,
    patience: Patience,
}

/// The body of an answer, parsed as a `T`, and the time of the answer.
#[derive(Debug)]
pub(crate) struct Read<T> {
    pub(crate) body: T,
    /// The time at which the service sent the answer, by the service's own clock, or `None` if the answer has no valid
    /// time.
    pub(crate) date: Option<Timestamp>,
}

impl Aws {
    /// Reads the region and the credentials, which Lambda sets, and the endpoints if variables override them.
    ///
    /// # Errors
    /// If the region or the credentials are not set, or an endpoint is not a URL.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let region = environment.require("AWS_REGION")?;
        let endpoint = |variable, service| Endpoint::for_service(environment, variable, service, region);
        Ok(Self::new(
            Credentials::from_environment(environment)?,
            region,
            endpoint("AWS_ENDPOINT_URL_DYNAMODB", "dynamodb")?,
            endpoint("AWS_ENDPOINT_URL_SECRETS_MANAGER", "secretsmanager")?,
        ))
    }

    /// Returns the services at these URLs of local engines, which accept any credentials. Returns `None` if a URL is
    /// invalid, or has more than a scheme, a host, a port and a path.
    #[must_use]
    pub fn local(dynamodb: &str, secrets_manager: &str) -> Option<Self> {
        let endpoints = (Endpoint::parse(dynamodb)?, Endpoint::parse(secrets_manager)?);
        Some(Self::new(Credentials::local(), "local", endpoints.0, endpoints.1))
    }

    fn new(credentials: Credentials, region: &str, dynamodb: Endpoint, secrets_manager: Endpoint) -> Self {
        Self(Arc::new(Services {
            credentials,
            region: region.to_owned(),
            connections: Connections::default(),
            dynamodb: Service {
                endpoint: dynamodb,
                name: "dynamodb",
                content_type: "application/x-amz-json-1.0",
                patience: Patience::TABLES,
            },
            secrets_manager: Service {
                endpoint: secrets_manager,
                name: "secretsmanager",
                content_type: "application/x-amz-json-1.1",
                patience: Patience::SECRETS,
            },
        }))
    }

    /// Calls DynamoDB.
    ///
    /// # Errors
    /// If DynamoDB refuses or cannot be reached, or the answer is not a `T`.
    pub(crate) async fn dynamodb<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        target: &'static str,
        body: &impl Serialize,
    ) -> Result<Read<T>, StoreError> {
        let Self(services) = self;
        services.call(&services.dynamodb, operation, target, body).await
    }

    /// Calls Secrets Manager.
    ///
    /// # Errors
    /// If Secrets Manager refuses or cannot be reached, or the answer is not a `T`.
    pub(crate) async fn secrets_manager<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        target: &'static str,
        body: &impl Serialize,
    ) -> Result<Read<T>, StoreError> {
        let Self(services) = self;
        services.call(&services.secrets_manager, operation, target, body).await
    }
}

impl Services {
    async fn call<T: DeserializeOwned>(
        &self,
        service: &Service,
        operation: &'static str,
        target: &'static str,
        body: &impl Serialize,
    ) -> Result<Read<T>, StoreError> {
        let body = serde_json::to_vec(body).map_err(|_| malformed(operation))?;
        let body = Bytes::from(body);
        let request = || self.sign(service, target, body.clone());
        let (origin, limits) = (&service.endpoint.origin, service.patience.limits());
        let attempt = || async { accept(self.connections.send(origin, request(), limits).await?) };
        let answer = service.patience.call(attempt, random_byte).await;
        let answer = answer.map_err(|fault| fault.into_error(operation))?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        Ok(Read {
            body: serde_json::from_slice(answer.body()).map_err(|_| malformed(operation))?,
            date: date.and_then(date::parse_http),
        })
    }

    fn sign(&self, service: &Service, target: &'static str, body: Bytes) -> Request<Full<Bytes>> {
        let host = service.endpoint.origin.authority();
        let date = date::format_basic(SystemClock.now().timestamp());
        let path = service.endpoint.path.as_str();
        let unsigned = Unsigned {
            path,
            host: &host,
            content_type: service.content_type,
            target,
            body: &body,
        };
        let authorization = unsigned.authorize(&self.credentials, &self.region, service.name, &date);
        let headers = [
            ("content-type", Some(service.content_type)),
            ("host", Some(host.as_str())),
            ("x-amz-date", Some(date.as_str())),
            ("x-amz-security-token", self.credentials.session_token()),
            ("x-amz-target", Some(target)),
            ("authorization", Some(authorization.as_str())),
        ];
        let mut request = Request::post(path);
        for (name, value) in headers {
            if let Some(value) = value {
                request = request.header(HeaderName::from_static(name), value);
            }
        }
        // Only a value from the environment can be invalid in a header. In that case, the request is empty and the
        // service refuses it.
        request.body(Full::new(body)).unwrap_or_default()
    }
}

/// Returns the answer if it is a success. A redirect is not a success.
fn accept(answer: Response<Bytes>) -> Result<Response<Bytes>, Fault> {
    if answer.status() == StatusCode::OK {
        Ok(answer)
    } else {
        Err(Fault::from_refusal(answer.status().as_u16(), answer.body()))
    }
}

/// Returns a random byte, or 255 if the system has no random numbers.
fn random_byte() -> u8 {
    let mut byte = [u8::MAX];
    let _ = SystemRandom::new().fill(&mut byte);
    let [byte] = byte;
    byte
}
