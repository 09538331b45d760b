//! The CORS settings of an API.

use super::{plain, settings::Settings, whole};

/// The permissions for pages of other origins.
#[derive(Clone, Debug)]
pub struct Cors {
    /// The origins that may read answers. `*` is any origin, and `https://*` or `http://*` is any origin with that
    /// scheme.
    pub origins: Vec<String>,
    /// The methods that these origins may use.
    pub methods: Vec<String>,
    /// The headers that these origins may send.
    pub headers: Vec<String>,
    /// The headers that scripts of these origins may read, in addition to those that every script may read.
    pub exposed: Vec<String>,
    /// Whether these origins may send cookies.
    pub credentials: bool,
    /// The time in seconds for which a browser may cache these permissions; default: the browser decides.
    pub max_age: Option<u64>,
}

/// Reads `CorsConfiguration`.
pub(super) fn read(settings: &Settings<'_>) -> Cors {
    let strings = |name| {
        let value = settings.get(name);
        value.map_or_else(Vec::new, |value| {
            value.value().as_array().into_iter().flatten().map(plain).collect()
        })
    };
    let credentials = settings.get("AllowCredentials").map(|value| plain(value.value()));
    Cors {
        origins: strings("AllowOrigins"),
        methods: strings("AllowMethods"),
        headers: strings("AllowHeaders"),
        exposed: strings("ExposeHeaders"),
        credentials: credentials.is_some_and(|text| text == "true"),
        max_age: settings.get("MaxAge").and_then(|value| whole(value.value(), "")),
    }
}
