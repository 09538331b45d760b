//! The web origins that may use cookies.

use crate::{ConfigError, Environment};

impl Environment {
    /// The origins whose pages may log in, refresh and log out by cookie: `ALLOWED_ORIGINS`, separated by commas,
    /// none unless set. An origin is scheme, host and port (RFC 6454 s6.2), without a path.
    ///
    /// # Errors
    /// When one of them is not an origin.
    pub fn allowed_origins(&self) -> Result<Vec<String>, ConfigError> {
        const VARIABLE: &str = "ALLOWED_ORIGINS";
        let fault = "must be origins such as https://app.example.com, separated by commas";
        self.optional(VARIABLE)?
            .into_iter()
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|origin| !origin.is_empty())
            .map(|origin| {
                is_origin(origin)
                    .then(|| origin.to_ascii_lowercase())
                    .ok_or_else(|| ConfigError::new(VARIABLE, fault))
            })
            .collect()
    }
}

fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', '*', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_means_no_origin_at_all() {
        for empty in ["", " ", ",", " , "] {
            let environment = Environment::from_iter([("ALLOWED_ORIGINS", empty)]);

            assert!(environment.allowed_origins().unwrap().is_empty(), "{empty:?}");
        }
    }

    #[test]
    fn several_are_separated_by_commas() {
        let environment =
            Environment::from_iter([("ALLOWED_ORIGINS", "https://App.example.com, http://localhost:3000")]);

        assert_eq!(
            environment.allowed_origins().unwrap(),
            ["https://app.example.com", "http://localhost:3000"]
        );
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for bad in [
            "*",
            "null",
            "app.example.com",
            "https://app.example.com/",
            "https://*.example.com",
            "https://",
        ] {
            let environment = Environment::from_iter([("ALLOWED_ORIGINS", bad)]);

            assert!(environment.allowed_origins().is_err(), "{bad}");
        }
    }
}
