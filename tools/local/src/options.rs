//! The command-line options of `cargo dev`.

use anyhow::Context as _;
use clap::Parser;
use config::{Colour, Environment, Origins};

/// The default port of the API.
pub(crate) const PORT: u16 = 3000;
/// The difference between the functions' port and the API's port. If the API has its default port, the functions' port
/// is 9000, which is the default of `cargo lambda invoke`.
const TO_FUNCTIONS: u16 = 6000;
/// The difference between the database's port and the API's port. If the API has its default port, the database's port
/// is 8000, which is the default of `authctl --local`.
pub(crate) const TO_DATABASE: u16 = 5000;
/// The difference between the mail endpoint's port and the API's port.
const TO_MAIL: u16 = 7000;

/// Run the whole of Gatehouse on this machine: database, functions with hot reload, API Gateway.
#[derive(Debug, Parser)]
#[command(name = "cargo dev", version, about)]
pub struct Options {
    /// The port of the API; the stack of each port has its own database, keys and users.
    #[arg(long, default_value_t = PORT)]
    pub port: u16,

    /// The port of `cargo lambda watch`, for `cargo lambda invoke`; default: the API's port plus 6000.
    #[arg(long)]
    pub functions_port: Option<u16>,

    /// The port of the database, for `cargo authctl --local`; default: the API's port plus 5000.
    #[arg(long)]
    pub database_port: Option<u16>,

    /// The port of the endpoint that catches the mails; default: the API's port plus 7000.
    #[arg(long)]
    pub mail_port: Option<u16>,

    /// Serve page and API by https, with a certificate that this command makes; Safari needs it for its cookies.
    #[arg(long)]
    pub tls: bool,

    /// A web origin that may call the API and use cookies, in addition to the API's own; repeatable.
    #[arg(long, value_parser = origin)]
    pub allow_origin: Vec<String>,

    /// A parameter of the template, such as `AccentColour=#3355aa`; repeatable.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameter: Vec<(String, String)>,

    /// Rotate the access token keys while the stack runs, in a minute instead of hours, and report each step.
    #[arg(long)]
    pub rotate: bool,
}

impl Options {
    /// Returns the origin of the pages and the API.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://localhost:{}", self.port)
    }

    /// Returns the port of the functions.
    ///
    /// # Errors
    /// If no port is given, and the default is above 65535.
    pub(crate) fn functions_port(&self) -> anyhow::Result<u16> {
        let usual = self.functions_port.or_else(|| self.port.checked_add(TO_FUNCTIONS));
        usual.context("the default port of the functions is out of range: pass --functions-port")
    }

    /// Returns the port of the database.
    ///
    /// # Errors
    /// If no port is given, and the default is above 65535.
    pub(crate) fn database_port(&self) -> anyhow::Result<u16> {
        let usual = self.database_port.or_else(|| self.port.checked_add(TO_DATABASE));
        usual.context("the default port of the database is out of range: pass --database-port")
    }

    /// Returns the port of the endpoint that catches the mails.
    ///
    /// # Errors
    /// If no port is given, and the default is above 65535.
    pub(crate) fn mail_port(&self) -> anyhow::Result<u16> {
        let usual = self.mail_port.or_else(|| self.port.checked_add(TO_MAIL));
        usual.context("the default port of the mail endpoint is out of range: pass --mail-port")
    }

    /// Returns the accent colour of the pages. The template's function of the pages, which also has it, is not there by
    /// default.
    ///
    /// # Errors
    /// If the parameter `AccentColour` is not a colour.
    pub(crate) fn accent_colour(&self) -> anyhow::Result<Colour> {
        let given = self.parameter.iter().rfind(|(name, _)| name == "AccentColour");
        let given = given.map(|(_, value)| ("ACCENT_COLOUR", value.as_str()));
        Environment::from_iter(given)
            .accent_colour()
            .context("in the parameter AccentColour")
    }

    /// Returns the origins whose pages may call the API and use cookies: its own and the given ones.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        let mut origins = vec![self.url()];
        for origin in &self.allow_origin {
            if !origins.contains(origin) {
                origins.push(origin.clone());
            }
        }
        origins
    }
}

fn parameter(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("a parameter is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn origin(text: &str) -> Result<String, &'static str> {
    let is_one = !text.is_empty() && !text.contains([',', ' ']) && Origins::parse(text).is_some();
    is_one
        .then(|| text.to_owned())
        .ok_or("an origin is a scheme, a host and a port, such as http://localhost:5173")
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://localhost:3000";

    #[test]
    fn a_named_origin_is_added_to_those_of_the_api() {
        let options = |arguments: &[&str]| Options::parse_from([&["cargo dev"], arguments].concat());
        let added = ["--allow-origin", "http://localhost:5173", "--allow-origin", URL];

        assert_eq!(options(&[]).origins(), [URL]);
        assert_eq!(options(&added).origins(), [URL, "http://localhost:5173"]);
    }

    #[test]
    fn with_tls_the_origin_by_http_is_not_allowed() {
        let options = Options::parse_from(["cargo dev", "--tls", "--port", "3001"]);

        assert_eq!(options.url(), "https://localhost:3001");
        assert_eq!(options.origins(), ["https://localhost:3001"]);
    }

    #[test]
    fn a_parameter_is_a_name_and_a_value() {
        let options = Options::parse_from(["cargo dev", "--parameter", "A=b=c", "--parameter", "D="]);

        let pairs = options
            .parameter
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        assert_eq!(pairs.collect::<Vec<_>>(), [("A", "b=c"), ("D", "")]);
        assert!(Options::try_parse_from(["cargo dev", "--parameter", "A"]).is_err());
    }

    #[test]
    fn the_last_accent_colour_is_used() {
        let colour = |values: &[&str]| {
            let given = values.iter().flat_map(|value| ["--parameter", value]);
            Options::parse_from(["cargo dev"].into_iter().chain(given)).accent_colour()
        };
        let text = |text: &str| text.parse::<Colour>().unwrap();

        assert_eq!(colour(&[]).unwrap(), text("#2d6a4f"));
        let given = ["AccentColour=#000000", "Pages=off", "AccentColour=#3355aa"];
        assert_eq!(colour(&given).unwrap(), text("#3355aa"));
        assert!(colour(&["AccentColour=blue"]).is_err());
    }

    #[test]
    fn another_port_brings_other_ports_along() {
        let ports = |arguments: &[&str]| {
            let options = Options::parse_from([&["cargo dev"], arguments].concat());
            [options.functions_port(), options.database_port(), options.mail_port()].map(Result::ok)
        };

        assert_eq!(ports(&[]), [Some(9000), Some(8000), Some(10_000)]);
        assert_eq!(ports(&["--port", "3001"]), [Some(9001), Some(8001), Some(10_001)]);
        assert_eq!(ports(&["--port", "60000"]), [None, Some(65000), None]);
        let given = [
            "--functions-port",
            "9001",
            "--database-port",
            "8001",
            "--mail-port",
            "10001",
        ];
        assert_eq!(
            ports(&[["--port", "65000"].as_slice(), &given].concat()),
            [Some(9001), Some(8001), Some(10_001)]
        );
    }

    #[test]
    fn what_is_no_origin_is_refused_at_once() {
        for text in [
            "",
            "localhost:5173",
            "http://localhost:5173/",
            "http://a.example,http://b.example",
            "*",
        ] {
            let error = Options::try_parse_from(["cargo dev", "--allow-origin", text]).unwrap_err();

            assert!(error.to_string().contains("an origin is a scheme"), "{error}");
        }
    }
}
