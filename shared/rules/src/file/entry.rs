//! The entries of the file of route rules. Each value is checked on its own.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::syntax::{is_api, is_path, is_scope, is_word};
use crate::{Assurance, ParameterRoute, Rule};

/// The maximum length of a stage's name in characters, from API Gateway's reference of `CreateStage`.
const MAX_STAGE: usize = 128;

/// The largest `max_age`, which is a year.
const LONGEST_AGE: u64 = 31_536_000;

const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) longest_stage: Option<Spanned<usize>>,
    pub(super) parameter_routes: Option<Vec<RouteEntry>>,
    #[serde(default)]
    pub(super) rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    api: Option<Spanned<String>>,
    pub(super) method: Spanned<String>,
    path: Spanned<String>,
    role: Option<Spanned<String>>,
    scope: Option<Spanned<String>>,
    acr: Option<Spanned<String>>,
    max_age: Option<Spanned<u64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteEntry {
    api: Option<Spanned<String>>,
    pub(super) method: Spanned<String>,
    path: Spanned<String>,
}

impl RouteEntry {
    pub(super) fn check(self) -> Result<ParameterRoute, (Range<usize>, String)> {
        let has_parameter = |path: &str| path.contains('{') && is_path(path);
        Ok(ParameterRoute {
            api: check_api(self.api.as_ref())?,
            method: check_method(&self.method)?,
            path: check_value(
                &self.path,
                has_parameter,
                "a path with a parameter, such as /reports/{id}",
            )?,
        })
    }
}

impl Entry {
    pub(super) fn check(self) -> Result<Rule, (Range<usize>, String)> {
        if self.role.is_none() && self.scope.is_none() && self.acr.is_none() && self.max_age.is_none() {
            let message = "a rule needs a role, a scope, an acr or a max_age".to_owned();
            return Err((self.method.span(), message));
        }
        let method = check_method(&self.method)?;
        let path = check_value(&self.path, is_path, "a path such as /reports/{id} or /files/{proxy+}")?;
        let optional = |value: Option<Spanned<String>>, sound: fn(&str) -> bool, expected| {
            value.map(|value| check_value(&value, sound, expected)).transpose()
        };
        Ok(Rule {
            api: check_api(self.api.as_ref())?,
            method,
            path,
            role: optional(
                self.role,
                is_word,
                "a role: visible ASCII without quotes or backslashes",
            )?,
            scope: optional(self.scope, is_scope, "permissions separated by single spaces")?,
            acr: self.acr.as_ref().map(check_acr).transpose()?,
            max_age: self.max_age.as_ref().map(check_age).transpose()?,
        })
    }
}

fn check_method(method: &Spanned<String>) -> Result<String, (Range<usize>, String)> {
    let expected = format!("one of {}", METHODS.join(", "));
    check_value(method, |method| METHODS.contains(&method), &expected)
}

fn check_acr(acr: &Spanned<String>) -> Result<Assurance, (Range<usize>, String)> {
    let name = acr.get_ref();
    Assurance::from_name(name).ok_or_else(|| (acr.span(), format!("{name:?} is not aal2 or phr")))
}

fn check_age(age: &Spanned<u64>) -> Result<u64, (Range<usize>, String)> {
    let seconds = *age.get_ref();
    (1..=LONGEST_AGE)
        .contains(&seconds)
        .then_some(seconds)
        .ok_or_else(|| (age.span(), format!("{seconds} is not 1 to {LONGEST_AGE} seconds")))
}

fn check_api(api: Option<&Spanned<String>>) -> Result<Option<String>, (Range<usize>, String)> {
    api.map(|api| check_value(api, is_api, "the id of an API: letters and digits"))
        .transpose()
}

fn check_value(
    value: &Spanned<String>,
    sound: impl Fn(&str) -> bool,
    expected: &str,
) -> Result<String, (Range<usize>, String)> {
    let text = value.get_ref();
    sound(text)
        .then(|| text.clone())
        .ok_or_else(|| (value.span(), format!("{text:?} is not {expected}")))
}

pub(super) fn longest_stage(given: Option<Spanned<usize>>) -> Result<usize, (Range<usize>, String)> {
    given.map_or(Ok(MAX_STAGE), |given| {
        let length = *given.get_ref();
        (length <= MAX_STAGE).then_some(length).ok_or_else(|| {
            (
                given.span(),
                format!("no stage has a name of more than {MAX_STAGE} characters"),
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::{
        Assurance, RuleFile,
        file::tests::{NO_ROUTES, rule},
    };

    #[rstest]
    #[case::method("method", "get")]
    #[case::method("method", "")]
    #[case::method("method", "*")]
    #[case::path("path", "")]
    #[case::path("path", "reports")]
    #[case::path("path", "/reports/")]
    #[case::path("path", "//reports")]
    #[case::path("path", "/reports/*")]
    #[case::path("path", "/reports?a")]
    #[case::path("path", "/re ports")]
    #[case::path("path", "/reports/{id")]
    #[case::path("path", "/reports/id}")]
    #[case::path("path", "/reports/x{id}")]
    #[case::path("path", "/reports/{}")]
    #[case::path("path", "/reports/{+}")]
    #[case::path("path", "/{id}/{id}")]
    #[case::path("path", "/{id}/{id+}")]
    #[case::path("path", "/{proxy+}/reports")]
    #[case::path("path", "/%72eports")]
    #[case::path("path", "/reports/..")]
    #[case::path("path", "/./reports")]
    #[case::path("path", "/;a/reports")]
    #[case::api("api", "")]
    #[case::api("api", "a*")]
    #[case::role("role", "")]
    #[case::role("role", "two words")]
    #[case::scope("scope", "")]
    #[case::scope("scope", "two  spaces")]
    #[case::acr("acr", "")]
    #[case::acr("acr", "aal1")]
    #[case::acr("acr", "AAL2")]
    #[case::acr("acr", "aal2 phr")]
    fn an_invalid_value_is_reported_with_its_line(#[case] member: &str, #[case] value: &str) {
        let members = [
            ("method", "GET"),
            ("path", "/"),
            ("role", "a"),
            ("scope", "b"),
            ("acr", "aal2"),
            ("api", "c"),
        ];
        let lines = members.map(|(name, good)| format!("{name} = \"{}\"", if name == member { value } else { good }));
        let text = format!("{NO_ROUTES}[[rule]]\n{}", lines.join("\n"));

        let fault = RuleFile::parse(&text).unwrap_err();

        let line = text.lines().take(fault.line).last().unwrap();
        assert!(line.starts_with(member), "{fault}");
        assert!(fault.to_string().starts_with(&format!("{value:?} is not ")), "{fault}");
    }

    #[rstest]
    #[case("0")]
    #[case("31536001")]
    #[case("-1")]
    #[case("1.5")]
    #[case("\"600\"")]
    fn an_invalid_age_is_reported_with_its_line(#[case] age: &str) {
        let text = format!("{NO_ROUTES}[[rule]]\nmethod = \"GET\"\npath = \"/\"\nmax_age = {age}\n");

        assert_eq!(RuleFile::parse(&text).unwrap_err().line, 5);
    }

    #[test]
    fn an_assurance_or_an_age_is_enough_for_a_rule() {
        for (demand, acr, max_age) in [
            ("acr = \"aal2\"", Some(Assurance::Aal2), None),
            ("acr = \"phr\"\nmax_age = 1", Some(Assurance::Phr), Some(1)),
            ("max_age = 31536000", None, Some(31_536_000)),
        ] {
            let file = RuleFile::parse(&format!("{NO_ROUTES}{}", rule("GET /a", demand))).unwrap();

            let read: Vec<_> = file.rules.iter().map(|rule| (rule.acr, rule.max_age)).collect();
            assert_eq!(read, [(acr, max_age)]);
        }
    }
}
