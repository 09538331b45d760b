//! The builder of a test's request.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request},
};
use local::Route;
use serde_json::Value;

/// A request that is not sent yet.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    source: Option<SocketAddr>,
}

impl Call {
    /// Creates a `GET` request.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    /// Creates a `POST` request with a JSON body.
    #[must_use]
    pub fn post(path: &str, body: &Value) -> Self {
        Self::new(Method::POST, path)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// Creates a `PATCH` request with a JSON body.
    #[must_use]
    pub fn patch(path: &str, body: &Value) -> Self {
        Self {
            method: Method::PATCH,
            ..Self::post(path, body)
        }
    }

    /// Creates a request with this method.
    #[must_use]
    pub fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: vec![("host".to_owned(), b"localhost:3000".to_vec())],
            body: Vec::new(),
            source: None,
        }
    }

    /// Returns whether this is a request to a route. A parameter of the route's path stands for any one segment.
    #[must_use]
    pub fn goes_to(&self, route: &Route) -> bool {
        let (own, wanted): (Vec<&str>, Vec<&str>) = (self.path.split('/').collect(), route.path.split('/').collect());
        let same = |(own, wanted): (&&str, &&str)| own == wanted || wanted.starts_with('{');
        self.method == *route.method && own.len() == wanted.len() && own.iter().zip(&wanted).all(same)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Removes all headers with this name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(present, _)| present != name);
        self
    }

    /// Adds an access token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Adds a refresh token in its cookie, as a page of an allowed origin sends it.
    #[must_use]
    pub fn with_cookie(self, token: &str) -> Self {
        self.header("cookie", format!("__Host-refresh={token}")).from_page()
    }

    /// Adds the headers that a page of an allowed origin sends.
    #[must_use]
    pub fn from_page(self) -> Self {
        self.header("origin", "https://app.example.com")
            .header("x-requested-with", "fetch")
            .header("sec-fetch-site", "same-site")
    }

    /// Sets the network address of the caller. By default, it is that of this machine.
    #[must_use]
    pub fn from_ip(mut self, ip: &str) -> Self {
        self.source = Some(SocketAddr::new(ip.parse().unwrap(), 50_000));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Returns the method.
    pub(crate) fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Returns the path, and the query without its question mark.
    pub(crate) fn path_and_query(&self) -> (&str, &str) {
        self.path.split_once('?').unwrap_or((&self.path, ""))
    }

    /// Returns every value of a header. The case of its name does not matter.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        let own = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        own.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .collect()
    }

    /// Returns the body.
    pub(crate) fn content(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn into_request(self) -> Request<Body> {
        let builder = Request::builder().method(self.method).uri(self.path);
        let builder = match self.source {
            Some(source) => builder.extension(ConnectInfo(source)),
            None => builder,
        };
        self.headers
            .into_iter()
            .fold(builder, |builder, (name, value)| builder.header(name, value))
            .body(Body::from(self.body))
            .unwrap()
    }
}
