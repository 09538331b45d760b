//! The contract in `openapi.yaml` agrees with the template, the error codes, the pages, and the requests of
//! `docs/gatehouse.http`.

use std::collections::{BTreeMap, BTreeSet};

use api::ErrorCode;
use serde_json::{Map, Value, json};
use tests::{check_value, contract, resolve_component, template};

use crate::{read, rows, toml};

/// The pages that describe the contract in words.
pub(crate) const IN_WORDS: [&str; 3] = [
    "docs/contract.md",
    "docs/contract-account.md",
    "docs/contract-factors.md",
];
/// The function of the pages, which are HTML and therefore not in the contract. It also serves the contract.
const PAGES: &str = "pages";
/// The route of the contract.
const DOCUMENT: &str = "GET /openapi.json";
/// The file with a request for each operation.
const REQUESTS: &str = "docs/gatehouse.http";

#[test]
fn the_operations_are_the_routes_of_the_template() {
    let api = template(&[]).api().unwrap();
    let routes = api.routes.iter().map(|route| (route, route.key()));
    let routes = routes.filter(|(route, key)| route.function != PAGES || key == DOCUMENT);
    let routes: BTreeMap<String, bool> = routes.map(|(route, key)| (key, route.authorizer.is_some())).collect();

    let operations = operations().into_iter();
    let operations: BTreeMap<String, bool> = operations
        .map(|(key, operation)| (key, token_of(operation) == "access token"))
        .collect();
    assert_eq!(operations, routes, "each route, and whether it needs an access token");
}

#[test]
fn the_error_codes_are_those_of_the_code() {
    let listed = &contract()["components"]["schemas"]["ErrorCode"]["enum"];

    let codes: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(*listed, json!(codes));
}

#[test]
fn every_error_has_its_status() {
    let of_page: BTreeSet<(String, String)> = rows("docs/errors.md", "## Codes")
        .into_iter()
        .map(|[status, code, _]: [String; 3]| (status, code.replace('`', "")))
        // The gateway answers 404 before a function could answer 405.
        .filter(|(_, code)| code != "method_not_allowed")
        .collect();

    let mut of_contract = BTreeSet::new();
    for (_, operation) in operations() {
        for (status, response) in members(&operation["responses"]) {
            let mut codes = Vec::new();
            collect_codes(&resolve_component(response)["content"], &mut codes);
            of_contract.extend(codes.into_iter().map(|code| (status.to_owned(), code)));
        }
    }
    assert_eq!(of_contract, of_page);
}

#[test]
fn the_version_is_that_of_the_workspace() {
    let version = toml("Cargo.toml")["workspace"]["package"]["version"].clone();

    assert_eq!(contract()["info"]["version"].as_str(), version.as_str());
}

#[test]
fn every_answer_has_exactly_its_members() {
    for (name, schema) in members(&contract()["components"]["schemas"]) {
        // The schema of a request, or of what browsers put into one, is open, because unknown members are ignored.
        // `KeyCommon` is open, because the schemas that include it add their own members.
        let is_sent = name.ends_with("Request") || ["AuthenticationResponse", "RegistrationResponse"].contains(&name);
        let is_open = is_sent || name == "KeyCommon";
        if !is_open && schema["type"] == "object" {
            let closed = ["additionalProperties", "unevaluatedProperties"].map(|keyword| schema.get(keyword));
            // A `Caller` may have custom claims: members with any name, whose values are strings.
            let expected = if name == "Caller" {
                json!({"type": "string"})
            } else {
                Value::Bool(false)
            };
            assert!(closed.contains(&Some(&expected)), "{name}");
        }
    }
}

#[test]
fn every_example_matches_its_schema() {
    let mut checked = 0_usize;
    for (key, operation) in operations() {
        let answers = members(&operation["responses"]).map(|(_, answer)| answer);
        for part in answers.chain(operation.get("requestBody")) {
            for (_, media) in members(&resolve_component(part)["content"]) {
                for (name, example) in members(&media["examples"]) {
                    let held = check_value(&media["schema"], &example["value"]);
                    assert_eq!(held, Ok(()), "{key}, example {name}");
                    checked = checked.saturating_add(1);
                }
            }
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn the_list_of_endpoints_agrees() {
    let operations: BTreeMap<String, &Value> = operations().into_iter().collect();
    for [route, token, body, answer] in rows::<4>("docs/endpoints.md", "## All") {
        let operation = operations[route.trim_matches('`')];
        assert_eq!(token, token_of(operation), "{route}");
        let statuses = numbers(&answer).into_iter().filter(|number| number.len() == 3);
        for status in statuses {
            assert!(operation["responses"].get(&status).is_some(), "{route}: {status}");
        }
        let schema = body_of(operation);
        let names = quoted(&body)
            .into_iter()
            .filter(|name| name.starts_with(char::is_alphabetic));
        let mentioned: BTreeSet<String> = names.filter(|name| !is_value_of(schema, name)).collect();
        let declared: BTreeSet<String> = members(&schema["properties"])
            .map(|(name, _)| name.to_owned())
            .collect();
        assert!(mentioned.is_subset(&declared), "{route}: {mentioned:?}");
        if operation["requestBody"]["required"] == true {
            assert_eq!(mentioned, declared, "{route}");
        }
    }
}

#[test]
fn the_sections_of_the_contract_name_every_member_and_parameter() {
    let page = IN_WORDS.map(read).concat();
    for (key, operation) in operations() {
        let Some((_, section)) = page.split_once(&format!("\n## `{key}`\n")) else {
            // One section describes all documents for verifiers.
            assert!(key.starts_with("GET /.well-known/"), "{key}");
            continue;
        };
        let section = section.split("\n## ").next().unwrap();
        // Several bodies have these members, but a section need not repeat what another section describes.
        let common = ["refresh_token", "delivery", "device_token"];
        let declared = members(&body_of(operation)["properties"]).map(|(name, _)| name);
        for name in declared.filter(|name| !common.contains(name)) {
            assert!(
                section.contains(&format!("{name}\"")) || section.contains(&format!("`{name}`")),
                "{key}: {name}"
            );
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolve_component(parameter);
            let name = parameter["name"].as_str().unwrap();
            assert!(
                parameter["in"] != "query" || section.contains(&format!("?{name}=")),
                "{key}: {name}"
            );
        }
    }
}

#[test]
fn the_file_of_requests_has_every_operation_with_a_body_that_matches() {
    let text = read(REQUESTS);
    let operations = operations();
    let mut sent = BTreeSet::new();
    for request in text.split("\n###").skip(1).map(HttpRequest::parse) {
        let found = operations.iter().find(|(key, _)| request.goes_to(key));
        let found = found.map(|(key, operation)| (key.as_str(), *operation));
        let (key, operation) = found.unwrap_or_else(|| panic!("{REQUESTS}: {} {}", request.method, request.path));
        sent.insert(key.to_owned());
        let has_token = request
            .headers
            .iter()
            .any(|header| header.starts_with("authorization: bearer "));
        assert_eq!(has_token, token_of(operation) == "access token", "{key}");
        if !request.body.is_empty() {
            let is_json = request
                .headers
                .iter()
                .any(|header| header == "content-type: application/json");
            assert!(is_json, "{key}");
            let body: Value = serde_json::from_str(&request.body).unwrap_or_else(|error| panic!("{key}: {error}"));
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            assert_eq!(check_value(schema, &body), Ok(()), "{key}");
            let declared = &body_of(operation)["properties"];
            assert!(
                members(&body).all(|(name, _)| declared.get(name).is_some()),
                "{key}: {body}"
            );
        }
    }
    let all: BTreeSet<String> = operations.into_iter().map(|(key, _)| key).collect();
    assert_eq!(sent, all);
}

#[test]
fn the_checks_that_are_excluded_contradict_sentences_of_the_contract() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let contract = words(&read("openapi.yaml"));
    let script = read(".ci/schemathesis");
    let sentences = script
        .lines()
        .filter_map(|line| line.strip_prefix("# \"")?.strip_suffix('"'));

    let sentences: Vec<&str> = sentences.collect();
    assert!(sentences.len() > 3, "{sentences:?}");
    for sentence in sentences {
        assert!(contract.contains(&words(sentence)), "{sentence}");
    }
}

/// Returns the operations of the contract by their keys, such as `POST /auth/login`.
pub(crate) fn operations() -> Vec<(String, &'static Value)> {
    let paths = members(&contract()["paths"]);
    paths
        .flat_map(|(path, item)| {
            members(item).map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
        })
        .collect()
}

/// Returns the token that an operation needs or reads, as the table of the README names it.
pub(crate) fn token_of(operation: &Value) -> &'static str {
    let schemes = operation["security"].as_array().into_iter().flatten();
    let names: BTreeSet<&str> = schemes.flat_map(members).map(|(name, _)| name).collect();
    if names.contains("accessToken") {
        "access token"
    } else if names.contains("refreshCookie") {
        "refresh token"
    } else {
        "-"
    }
}

/// Returns the schema of an operation's body, or `null` if it has none.
fn body_of(operation: &'static Value) -> &'static Value {
    let schema = operation.pointer("/requestBody/content/application~1json/schema");
    resolve_component(schema.unwrap_or(&Value::Null))
}

/// Returns whether a word is a value that some member of the schema permits.
fn is_value_of(schema: &'static Value, word: &str) -> bool {
    members(&schema["properties"]).any(|(_, member)| {
        let values = resolve_component(member)["enum"].as_array().into_iter().flatten();
        values.into_iter().any(|value| value == word)
    })
}

/// Adds the error codes that a part of the contract permits.
fn collect_codes(part: &Value, codes: &mut Vec<String>) {
    let error = part.pointer("/properties/error").unwrap_or(&Value::Null);
    let one = error.get("const").into_iter();
    let several = error.get("enum").and_then(Value::as_array).into_iter().flatten();
    codes.extend(one.chain(several).filter_map(|code| code.as_str().map(str::to_owned)));
    let parts: Vec<&Value> = match part {
        Value::Object(members) => members.values().collect(),
        Value::Array(items) => items.iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for part in parts {
        collect_codes(part, codes);
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flat_map(Map::iter);
    members.map(|(name, value)| (name.as_str(), value))
}

/// Returns the strings between double quotes in a text.
fn quoted(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn numbers(text: &str) -> Vec<String> {
    let parts = text.split(|character: char| !character.is_alphanumeric());
    let numbers = parts.filter(|part| part.starts_with(|first: char| first.is_ascii_digit()));
    numbers.map(str::to_owned).collect()
}

/// A request of a `.http` file.
#[derive(Debug)]
struct HttpRequest {
    method: String,
    /// The path without the host and the query.
    path: String,
    /// The headers in lower case.
    headers: Vec<String>,
    body: String,
}

impl HttpRequest {
    /// Parses the text after `###`. Its first line is a title, and comments may follow.
    fn parse(text: &str) -> Self {
        let lines = text.lines().skip(1);
        let mut lines =
            lines.skip_while(|line| line.trim().is_empty() || line.starts_with('#') || line.starts_with('@'));
        let (method, url) = lines.next().and_then(|line| line.split_once(' ')).unwrap();
        let path = url
            .strip_prefix("{{host}}")
            .unwrap_or_else(|| panic!("{REQUESTS}: {url} has no {{{{host}}}}"));
        let headers = lines.by_ref().take_while(|line| !line.trim().is_empty());
        Self {
            method: method.to_owned(),
            path: path.split('?').next().unwrap_or_default().to_owned(),
            headers: headers.map(str::to_lowercase).collect(),
            body: lines.collect::<Vec<_>>().join("\n").trim().to_owned(),
        }
    }

    /// Returns whether this is a request for an operation. A variable in the request's path, in double braces, stands
    /// for a parameter of the operation's path.
    fn goes_to(&self, key: &str) -> bool {
        let own = format!("{} {}", self.method, self.path);
        let (own, wanted): (Vec<&str>, Vec<&str>) = (own.split('/').collect(), key.split('/').collect());
        let same = |(own, wanted): (&&str, &&str)| own == wanted || (own.starts_with("{{") && wanted.starts_with('{'));
        own.len() == wanted.len() && own.iter().zip(&wanted).all(same)
    }
}
