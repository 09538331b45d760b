//! The web origins that may use cookies.

use crate::{ConfigError, Environment};

/// The allowed web origins. Each is a scheme, a host and possibly a port (RFC 6454 s6.2), without a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Parses a comma-separated list. Returns `None` if one of its members is not an origin.
    #[must_use]
    pub fn parse(list: &str) -> Option<Self> {
        list.split(',')
            .map(str::trim)
            .filter(|origin| !origin.is_empty())
            .map(|origin| is_origin(origin).then(|| origin.to_owned()))
            .collect::<Option<_>>()
            .map(Self)
    }

    /// Returns the origins in lower case, as browsers send them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|origin| origin.to_ascii_lowercase())
    }

    /// Returns whether this origin is on the list. Case does not matter in scheme and host (RFC 6454 s4).
    #[must_use]
    pub fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|listed| listed.eq_ignore_ascii_case(origin))
    }
}

impl Environment {
    /// Returns the origins whose pages may log in, refresh and log out with cookies, from `ALLOWED_ORIGINS`: a
    /// comma-separated list, default empty. If `PAGES` is `on`, the origin of `ISSUER` is one of them. The pages' own
    /// origin is never taken from a request, because anyone can send any `Host`.
    ///
    /// # Errors
    /// If one of them is not an origin, or another of these variables is missing or invalid.
    pub fn allowed_origins(&self) -> Result<Origins, ConfigError> {
        const VARIABLE: &str = "ALLOWED_ORIGINS";
        let list = self.get(VARIABLE)?.unwrap_or_default();
        let mut origins = Origins::parse(list).ok_or_else(|| {
            ConfigError::new(
                VARIABLE,
                "must be origins such as https://app.example.com, separated by commas",
            )
        })?;
        if self.has_pages()? {
            origins.0.push(origin_of(self.issuer()?.as_str()));
        }
        Ok(origins)
    }
}

/// Returns the origin of a URL: the scheme, the host, and the port if the URL has one.
pub(crate) fn origin_of(url: &str) -> String {
    let parts: Vec<&str> = url.splitn(4, '/').take(3).collect();
    parts.join("/")
}

fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let forbidden = |character: char| !character.is_ascii_graphic() || "/?#@*".contains(character);
    host.is_some_and(|host| !host.is_empty() && !host.contains(forbidden))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("")]
    #[case(" ")]
    #[case(",")]
    #[case(" , ")]
    fn nothing_means_no_origin_at_all(#[case] list: &str) {
        let environment = Environment::from_iter([("ALLOWED_ORIGINS", list)]);

        assert_eq!(environment.allowed_origins(), Ok(Origins::default()));
    }

    #[rstest]
    #[case::as_listed("https://App.example.com", true)]
    #[case::as_a_browser_sends_it("https://app.example.com", true)]
    #[case::second("http://localhost:3000", true)]
    #[case::other_port("http://localhost:3001", false)]
    #[case::other_scheme("http://app.example.com", false)]
    #[case::suffix("https://app.example.com.evil.example", false)]
    #[case::null("null", false)]
    #[case::empty("", false)]
    #[case::both("https://app.example.com, http://localhost:3000", false)]
    fn only_what_is_on_the_list_is_contained(#[case] origin: &str, #[case] contained: bool) {
        let list = "https://App.example.com, http://localhost:3000";
        let environment = Environment::from_iter([("ALLOWED_ORIGINS", list)]);

        assert_eq!(environment.allowed_origins().unwrap().contains(origin), contained);
    }

    #[rstest]
    #[case::host("https://auth.example.com")]
    #[case::path("https://auth.example.com/tenants/one")]
    fn pages_of_this_service_may_use_cookies(#[case] issuer: &str) {
        let origins = |pages| {
            let list = ("ALLOWED_ORIGINS", "https://app.example.com");
            Environment::from_iter([list, ("PAGES", pages), ("ISSUER", issuer)])
                .allowed_origins()
                .unwrap()
        };

        for origin in ["https://auth.example.com", "https://app.example.com"] {
            assert!(origins("on").contains(origin), "{origin}");
        }
        assert!(!origins("on").contains("https://example.com"));
        assert!(!origins("off").contains("https://auth.example.com"));
        assert!(!origins("").contains("https://auth.example.com"));
    }

    #[rstest]
    #[case("*")]
    #[case("null")]
    #[case("app.example.com")]
    #[case("https://app.example.com/")]
    #[case("https://*.example.com")]
    #[case("https://")]
    #[case("https://good.example, https://bad\u{1}.example")]
    fn what_is_no_origin_is_refused(#[case] list: &str) {
        let error = Environment::from_iter([("ALLOWED_ORIGINS", list)])
            .allowed_origins()
            .unwrap_err();

        assert!(
            error.to_string().starts_with("ALLOWED_ORIGINS: must be origins"),
            "{error}"
        );
    }
}
