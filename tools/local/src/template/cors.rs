//! The CORS settings of an API.

use serde_json::Value;

use super::{plain, settings::Settings, whole};

/// The permissions of browsers from other origins.
#[derive(Clone, Debug)]
pub struct Cors {
    /// The origins that may read answers. `*` is any origin, and `https://*` or `http://*` any origin of the scheme.
    pub origins: Vec<String>,
    /// The methods that they may use.
    pub methods: Vec<String>,
    /// The headers that they may send.
    pub headers: Vec<String>,
    /// The headers that their scripts may read, besides those that every script may read.
    pub exposed: Vec<String>,
    /// Whether they may send cookies.
    pub credentials: bool,
    /// The time in seconds for which they may cache this; default: the browser's own.
    pub max_age: Option<u64>,
}

/// Reads `CorsConfiguration`, which is an object, a list of origins or one origin.
pub(super) fn read(settings: &Settings<'_>) -> Cors {
    let texts = |name| {
        let value = settings.get(name);
        value.map_or_else(Vec::new, |value| several(value.value()))
    };
    let credentials = settings.get("AllowCredentials").map(|value| plain(value.value()));
    let origins_alone = !settings.value().is_object();
    Cors {
        origins: if origins_alone {
            several(settings.value())
        } else {
            texts("AllowOrigins")
        },
        methods: texts("AllowMethods"),
        headers: texts("AllowHeaders"),
        exposed: texts("ExposeHeaders"),
        credentials: credentials.is_some_and(|text| text == "true"),
        max_age: settings.get("MaxAge").and_then(|value| whole(value.value(), "")),
    }
}

/// Returns the items of a list, or the one value instead of a list.
fn several(value: &Value) -> Vec<String> {
    value
        .as_array()
        .map_or_else(|| vec![plain(value)], |items| items.iter().map(plain).collect())
}
