//! The CORS settings of an API.

use serde_json::Value;

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

/// Reads `CorsConfiguration`, which is an object, a list of origins or one origin.
pub(super) fn read(settings: &Settings<'_>) -> Cors {
    let strings = |name| {
        let value = settings.get(name);
        value.map_or_else(Vec::new, |value| several(value.value()))
    };
    let credentials = settings.get("AllowCredentials").map(|value| plain(value.value()));
    let origins_alone = !settings.value().is_object();
    Cors {
        origins: if origins_alone {
            several(settings.value())
        } else {
            strings("AllowOrigins")
        },
        methods: strings("AllowMethods"),
        headers: strings("AllowHeaders"),
        exposed: strings("ExposeHeaders"),
        credentials: credentials.is_some_and(|text| text == "true"),
        max_age: settings.get("MaxAge").and_then(|value| whole(value.value(), "")),
    }
}

/// Returns the items of a list, or one item if the value is not a list.
fn several(value: &Value) -> Vec<String> {
    value
        .as_array()
        .map_or_else(|| vec![plain(value)], |items| items.iter().map(plain).collect())
}
