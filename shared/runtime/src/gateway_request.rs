//! A request, as the gateway describes it.

/// What the gateway says of a request, for the log lines of every function that works on it. The sender cannot set it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatewayRequest {
    /// The id of the request, which the gateway also sends to the caller.
    pub id: Option<String>,
    /// The id of the API.
    pub api: Option<String>,
    /// The gateway's name of the route, such as `POST /auth/login`. It never holds what a caller wrote.
    pub route: Option<String>,
    /// The network address that the request came from.
    pub source: Option<String>,
}
