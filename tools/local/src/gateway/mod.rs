//! An API Gateway HTTP API on this machine, driven by the template.
//!
//! Comments mark the source of each imitated behaviour: *documented* in the API Gateway developer guide, or *assumed*
//! from what users report.

mod answer;
mod authorization;
mod authorizer_cache;
mod cors;
mod event;
mod policy;
mod request;
mod route;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, HttpBody as _},
    extract::ConnectInfo,
    http::Request,
    response::Response,
};
use claims::{Clock, Moment};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::Value;

pub use policy::allows;

use self::{
    answer::GatewayError,
    authorization::{Authorization, authorize},
    authorizer_cache::AuthorizerCache,
    request::GatewayRequest,
    route::{RouteMatch, find},
};
use crate::{
    functions::{Functions, InvokeError},
    log::{Access, Entry, Log},
    template::{Api, Authorizer, Route},
};

/// The maximum length of a body in bytes: 10 MB, which is a quota of HTTP APIs (documented).
const MAX_BODY: usize = 10 * 1024 * 1024;
/// The maximum length of the request line and all headers in bytes, which is a quota of HTTP APIs (documented).
const MAX_HEAD: usize = 10_240;

/// The maximum time that the gateway waits for a function: the maximum integration timeout of HTTP APIs (documented).
const PATIENCE: Duration = Duration::from_secs(30);

/// An HTTP API with its functions.
#[derive(Debug)]
pub struct Gateway<F, C> {
    api: Api,
    functions: F,
    clock: C,
    cache: AuthorizerCache,
    notice: fn(&str),
    /// The log that gets an entry for each request, if there is one.
    log: Option<Log>,
}

impl<F: Functions, C: Clock + 'static> Gateway<F, C> {
    /// Returns the gateway of `api` in front of `functions`. `notice` gets the details that callers do not see, line by
    /// line.
    pub fn new(api: Api, functions: F, clock: C, notice: fn(&str)) -> Self {
        Self {
            api,
            functions,
            clock,
            cache: AuthorizerCache::default(),
            notice,
            log: None,
        }
    }

    /// Returns the gateway with an access log, if the template has a format for one.
    #[must_use]
    pub fn with_log(self, log: Log) -> Self {
        Self { log: Some(log), ..self }
    }

    /// Returns the gateway as an HTTP service.
    pub fn into_router(self) -> Router {
        let gateway = Arc::new(self);
        Router::new().fallback(move |request: Request<Body>| {
            let gateway = Arc::clone(&gateway);
            async move { gateway.answer(request).await }
        })
    }

    async fn answer(&self, request: Request<Body>) -> Response {
        let origin = cors::origin(&request);
        let preflight = cors::is_preflight(&request);
        let arrived_at = self.clock.now();
        let mut access = Access::of(request::request_id(), source(&request));
        let mut response = match &self.api.cors {
            Some(cors) if preflight => cors::preflight(cors, origin.as_deref()),
            cors => {
                let answered = self.integrate(request, &mut access).await;
                let mut response = answered.unwrap_or_else(answer::of_error);
                if let Some(cors) = cors {
                    cors::annotate(cors, origin.as_deref(), &mut response);
                }
                response
            }
        };
        answer::show_id(&access.id, &mut response);
        self.log(access, arrived_at, &response);
        response
    }

    fn log(&self, access: Access, arrived_at: Moment, response: &Response) {
        if let (Some(log), Some(format)) = (&self.log, &self.api.access_log) {
            let milliseconds = self.clock.now().get().saturating_sub(arrived_at.get());
            let length = response.body().size_hint().exact();
            let entry = Entry::new(access, arrived_at, response.status(), milliseconds, length);
            log.access(&entry, format);
        }
    }

    async fn integrate(&self, request: Request<Body>, access: &mut Access) -> Result<Response, GatewayError> {
        let request = self.receive(request, access).await?;
        let matched = find(&self.api.routes, &request).ok_or(GatewayError::NotFound)?;
        access.route = Some(matched.route.key());
        let authorization = self.authorize(&request, &matched, access).await?;
        let event = event::integration(&request, &matched, authorization.as_ref());
        let Route { function, timeout, .. } = matched.route;
        let response = self.invoke(function, &event, *timeout).await?;
        access.is_of_function = true;
        answer::of_function(&response).ok_or_else(|| self.misunderstood(function))
    }

    async fn authorize(
        &self,
        request: &GatewayRequest,
        matched: &RouteMatch<'_>,
        access: &mut Access,
    ) -> Result<Option<Authorization>, GatewayError> {
        let Some(name) = &matched.route.authorizer else {
            return Ok(None);
        };
        let authorizer = self.api.authorizers.get(name).ok_or(GatewayError::Internal)?;
        let identity = authorization::identity(authorizer, request, matched).ok_or(GatewayError::Unauthorized)?;
        let key = (name.clone(), identity.clone());
        if let Some(kept) = self.cache.find(&key, request.arrived_at) {
            access.authorizer = kept.context.as_object().cloned().unwrap_or_default();
            return authorization::permit(kept, request).map(Some);
        }
        let event = event::authorizer(request, matched, &identity);
        let Authorizer { function, timeout, .. } = authorizer;
        let answer = self.invoke(function, &event, *timeout).await?;
        let decision = authorize(authorizer.answer, &answer).ok_or_else(|| self.misunderstood(function))?;
        access.authorizer = decision.context.as_object().cloned().unwrap_or_default();
        self.cache
            .keep(key, decision.clone(), request.arrived_at, authorizer.cache);
        authorization::permit(decision, request).map(Some)
    }

    async fn receive(&self, request: Request<Body>, access: &Access) -> Result<GatewayRequest, GatewayError> {
        let (head, body) = request.into_parts();
        if request::length(&head) > MAX_HEAD {
            return Err(GatewayError::HeadTooLarge);
        }
        let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                GatewayError::BodyTooLarge
            } else {
                GatewayError::BadRequest
            }
        })?;
        Ok(GatewayRequest::new(
            &access.id,
            &head,
            &body.to_bytes(),
            access.source.clone(),
            self.clock.now(),
        ))
    }

    /// Invokes a function. If the function fails or exceeds its own timeout, the caller gets 500 (documented). If it
    /// cannot be invoked or exceeds the gateway's timeout, the caller gets 503 (documented).
    async fn invoke(&self, function: &str, event: &Value, timeout: Duration) -> Result<Value, GatewayError> {
        let invocation = self.functions.invoke(function, event.to_string(), timeout);
        let outcome = tokio::time::timeout(PATIENCE, invocation).await;
        let (notice, error) = match outcome {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error @ InvokeError::Unreachable { .. })) => (error.to_string(), GatewayError::Unavailable),
            Ok(Err(error)) => (error.to_string(), GatewayError::Internal),
            Err(_) => (
                format!(
                    "no answer in {} s: it is still compiling or has hung",
                    PATIENCE.as_secs()
                ),
                GatewayError::Unavailable,
            ),
        };
        (self.notice)(&format!("{function}: {notice}"));
        Err(error)
    }

    fn misunderstood(&self, function: &str) -> GatewayError {
        (self.notice)(&format!("{function}: the gateway does not understand its answer"));
        GatewayError::Internal
    }
}

/// Returns the address that a request came from.
fn source(request: &Request<Body>) -> String {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map_or_else(
        || "127.0.0.1".to_owned(),
        |ConnectInfo(address)| address.ip().to_string(),
    )
}
