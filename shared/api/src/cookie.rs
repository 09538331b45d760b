//! The cookie of the refresh token.

use claims::{Delivery, Seconds};
use cookie::{Cookie, SameSite, time::Duration};

/// Its name. The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain` (RFC 6265bis s4.1.3.2).
pub(crate) const NAME: &str = "__Host-refresh";

/// The cookie that carries a refresh token for as long as it lives.
pub(crate) fn carrying(token: &str, life: Seconds) -> String {
    cookie(token, i64::try_from(life.get()).unwrap_or(i64::MAX))
}

/// The header that deletes the cookie, where there is one.
pub(crate) fn deletion(delivery: Delivery) -> Vec<(&'static str, String)> {
    match delivery {
        Delivery::Body => Vec::new(),
        Delivery::Cookie => vec![("set-cookie", cookie("", 0))],
    }
}

fn cookie(value: &str, max_age: i64) -> String {
    Cookie::build((NAME, value))
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
            carrying("token", Seconds::new(604_800)),
            "__Host-refresh=token; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=604800"
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
