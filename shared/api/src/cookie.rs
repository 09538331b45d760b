//! The cookies of the refresh token and of the device token.

use claims::{Delivery, Span};
use cookie::{Cookie, SameSite, time::Duration};
use lambda_http::http::header;

use crate::Request;

/// The name of the cookie with the refresh token. Because of the prefix, browsers require `Secure`, `Path=/` and no
/// `Domain` (RFC 6265bis s4.1.3.2).
pub(crate) const REFRESH: &str = "__Host-refresh";
/// The name of the cookie with the device token.
pub(crate) const DEVICE: &str = "__Host-device";

/// Returns a cookie of this name with a token. The cookie expires with the token.
pub(crate) fn make(name: &str, token: &str, life: Span) -> String {
    cookie(name, token, i64::try_from(life.get()).unwrap_or(i64::MAX))
}

impl Request {
    /// Returns the different values of the cookies of this name. An event can have the same cookie in its header and in
    /// `cookies`; it counts once. A malformed cookie does not affect the others.
    pub(crate) fn cookies(&self, name: &str) -> Vec<String> {
        let headers = self.values(&header::COOKIE);
        let found = headers
            .into_iter()
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .filter(|cookie| cookie.name() == name)
            .map(|cookie| cookie.value().to_owned());
        let mut values = Vec::new();
        for value in found {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    /// Returns the value of the cookie of this name. If there are several different values, which no browser sends, it
    /// returns an empty string, because it is unclear which one is meant.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        match self.cookies(name).as_mut_slice() {
            [] => None,
            [one] => Some(std::mem::take(one)),
            _ => Some(String::new()),
        }
    }
}

/// Returns the header that deletes the refresh token's cookie, if tokens are delivered by cookie.
pub(crate) fn deletion(delivery: Delivery) -> Vec<(&'static str, String)> {
    match delivery {
        Delivery::Body => Vec::new(),
        Delivery::Cookie => vec![("set-cookie", cookie(REFRESH, "", 0))],
    }
}

fn cookie(name: &str, value: &str, max_age: i64) -> String {
    Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(Duration::seconds(max_age))
        .build()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_script_reads_it_and_no_other_site_sends_it() {
        assert_eq!(
            make(REFRESH, "token", Span::seconds(604_800)),
            "__Host-refresh=token; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=604800"
        );
        assert_eq!(
            make(DEVICE, "token", Span::seconds(15_552_000)),
            "__Host-device=token; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=15552000"
        );
    }

    #[test]
    fn only_a_cookie_is_deleted_as_one() {
        assert!(deletion(Delivery::Body).is_empty());
        assert_eq!(
            deletion(Delivery::Cookie),
            [(
                "set-cookie",
                "__Host-refresh=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0".to_owned()
            )]
        );
    }
}
