//! The repository's template, with parameters for the tests.

use std::path::Path;

use local::Template;

/// Reads the repository's template with the parameters that all tests use, and with `parameters`, which take
/// precedence.
#[must_use]
pub fn template(parameters: &[(&str, &str)]) -> Template {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let own = [
        ("Issuer", "https://issuer.example"),
        ("Audience", "dashboard"),
        ("AllowedOrigins", "https://app.example.com"),
        ("Pages", "on"),
        ("MailVia", "ses"),
        ("MailFrom", "Gatehouse <login@issuer.example>"),
        ("MailIdentity", "issuer.example"),
        ("Registration", "on"),
        ("DeletionDays", "14"),
        ("EventBus", "default"),
    ];
    let parameters = own.iter().chain(parameters).copied().collect();
    Template::read(&path, &parameters).unwrap()
}
