//! The contract of the API, `openapi.yaml`. Every answer of a stack is checked against it, and so is every request that
//! succeeds.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{Answer, Call};

/// The contract, which is read once per process.
static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

/// The description of a problem with a request, an answer or a value, written for people.
type Problem = String;

/// The contract with the validators of its schemas.
struct Contract {
    document: Value,
    /// The validators that were needed so far, by their schema as JSON.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// An operation of the contract, and the values of the parameters in its path.
struct Found<'a> {
    operation: &'a Value,
    parameters: BTreeMap<&'a str, &'a str>,
}

/// Returns the contract as JSON.
#[must_use]
pub fn contract() -> &'static Value {
    &CONTRACT.document
}

/// Returns the component that a part of the contract refers to, or the part itself if it is not a reference.
#[must_use]
pub fn resolve_component(part: &'static Value) -> &'static Value {
    CONTRACT.resolve(part)
}

/// Checks a value against a schema of the contract.
///
/// # Errors
/// If the value does not match. The error names each place and the problem with it.
pub fn check_value(schema: &Value, value: &Value) -> Result<(), String> {
    CONTRACT.check(schema, value)
}

/// Asserts that an answer matches the contract and, if the answer is a success, that its request does too. A request
/// that is refused may be malformed on purpose. Nothing is checked if the contract does not have the path and the
/// method of the request.
pub(crate) fn assert_held(call: &Call, answer: &Answer) {
    let (path, query) = call.path_and_query();
    let Some(found) = CONTRACT.find(call.method(), path) else {
        return;
    };
    let mut held = CONTRACT.check_answer(found.operation, answer);
    if held.is_ok() && answer.status.is_success() {
        held = CONTRACT.check_request(&found, call, query);
    }
    if let Err(problem) = held {
        let (method, status) = (call.method(), answer.status);
        panic!("openapi.yaml does not have this: {method} {path}, answer {status}: {problem}");
    }
}

impl Contract {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.yaml");
        let text = std::fs::read_to_string(path).unwrap();
        Self {
            document: serde_yaml_ng::from_str(&text).unwrap(),
            validators: Mutex::default(),
        }
    }

    /// Returns the operation with this method at this path, or `None` if there is none.
    fn find<'a>(&'a self, method: &str, path: &'a str) -> Option<Found<'a>> {
        let paths = self.document["paths"].as_object()?;
        paths.iter().find_map(|(template, item)| {
            let operation = item.get(method.to_lowercase())?;
            let parameters = match_path(template, path)?;
            Some(Found { operation, parameters })
        })
    }

    fn resolve<'a>(&'a self, part: &'a Value) -> &'a Value {
        match part.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).unwrap(),
            None => part,
        }
    }

    fn check_answer(&self, operation: &Value, answer: &Answer) -> Result<(), Problem> {
        let declared = operation["responses"].get(answer.status.as_str());
        let declared = declared.ok_or("this status is not declared")?;
        let declared = self.resolve(declared);
        self.check_headers(&declared["headers"], answer)?;
        self.check_body(
            &declared["content"],
            answer.header("content-type"),
            answer.body.as_bytes(),
        )
    }

    /// Checks that an answer has every header that it needs, that each of its headers is declared, and that the value
    /// of each header matches its schema.
    fn check_headers(&self, declared: &Value, answer: &Answer) -> Result<(), Problem> {
        let declared = declared.as_object().into_iter().flatten();
        let declared: BTreeMap<String, &Value> = declared
            .map(|(name, header)| (name.to_lowercase(), self.resolve(header)))
            .collect();
        let is_of_function = answer.status.is_success() || is_error(&answer.body);
        for (name, header) in &declared {
            let is_needed = header["required"] == true || (is_of_function && header["x-every-function"] == true);
            if is_needed && !answer.headers.contains_key(name.as_str()) {
                return Err(format!("the header {name} is missing"));
            }
        }
        for (name, value) in &answer.headers {
            let name = name.as_str();
            // The contract describes the headers of CORS, which include `Vary`, in words, and declares the content type
            // with the content. HTTP itself adds the length.
            if name.starts_with("access-control-") || ["content-length", "content-type", "vary"].contains(&name) {
                continue;
            }
            let header = declared.get(name);
            let header = header.ok_or_else(|| format!("the header {name} is not declared"))?;
            self.check_text(&header["schema"], value.to_str().unwrap())
                .map_err(|problem| format!("the header {name}: {problem}"))?;
        }
        Ok(())
    }

    fn check_body(&self, content: &Value, content_type: Option<&str>, body: &[u8]) -> Result<(), Problem> {
        let Some(content) = content.as_object() else {
            return body
                .is_empty()
                .then_some(())
                .ok_or_else(|| "no body is declared".to_owned());
        };
        let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
        let media_type = media_type.trim().to_lowercase();
        let declared = content.get(&media_type);
        let declared = declared.ok_or_else(|| format!("the media type {media_type:?} is not declared"))?;
        let body: Value = serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
        self.check(&declared["schema"], &body)
            .map_err(|problem| format!("the body: {problem}"))
    }

    fn check_request(&self, found: &Found<'_>, call: &Call, query: &str) -> Result<(), Problem> {
        let operation = found.operation;
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = self.resolve(parameter);
            let name = parameter["name"].as_str().unwrap();
            let values: Vec<String> = match parameter["in"].as_str().unwrap() {
                "header" => call.values(name),
                "path" => found
                    .parameters
                    .get(name)
                    .map(|value| (*value).to_owned())
                    .into_iter()
                    .collect(),
                "query" => query_values(query, name),
                _ => Vec::new(),
            };
            for value in &values {
                self.check_text(&parameter["schema"], value)
                    .map_err(|problem| format!("the parameter {name}: {problem}"))?;
            }
            if parameter["required"] == true && values.is_empty() {
                return Err(format!("the parameter {name} is missing"));
            }
        }
        if needs_token(operation) && call.values("authorization").is_empty() {
            return Err("the access token is missing".to_owned());
        }
        self.check_request_body(operation, call)
    }

    fn check_request_body(&self, operation: &Value, call: &Call) -> Result<(), Problem> {
        let declared = &operation["requestBody"];
        if declared.is_null() {
            return Ok(());
        }
        // A body that is empty or `null` counts as absent, so it needs no content type.
        if matches!(call.content().trim_ascii(), b"" | b"null") {
            let is_optional = declared["required"] != true;
            return is_optional
                .then_some(())
                .ok_or_else(|| "the body is missing".to_owned());
        }
        let content_type = call.values("content-type");
        self.check_body(
            &declared["content"],
            content_type.first().map(String::as_str),
            call.content(),
        )
    }

    /// Checks the text of a parameter or a header, which may stand for a number.
    fn check_text(&self, schema: &Value, text: &str) -> Result<(), Problem> {
        let held = self.check(schema, &json!(text));
        match text.parse::<u64>() {
            Ok(number) if held.is_err() => self.check(schema, &json!(number)),
            _ => held,
        }
    }

    fn check(&self, schema: &Value, value: &Value) -> Result<(), Problem> {
        let validator = self.validator(schema);
        let problems = validator.iter_errors(value);
        let problems: Vec<String> = problems
            .map(|problem| format!("{} {problem}", problem.instance_path()))
            .collect();
        problems.is_empty().then_some(()).ok_or_else(|| problems.join("; "))
    }

    /// Returns the validator of a schema. The validator also gets the contract's schemas, as `components`, so that it
    /// can follow references to them.
    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = validators.entry(schema.to_string()).or_insert_with(|| {
            let components = json!({"schemas": self.document["components"]["schemas"]});
            let whole = json!({"allOf": [schema], "components": components});
            let validator = jsonschema::validator_for(&whole);
            Arc::new(validator.unwrap_or_else(|error| panic!("openapi.yaml: the schema {schema}: {error}")))
        });
        Arc::clone(validator)
    }
}

/// Returns the values of a template's parameters in a path, or `None` if the path does not match the template.
fn match_path<'a>(template: &'a str, path: &'a str) -> Option<BTreeMap<&'a str, &'a str>> {
    let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    let mut parameters = BTreeMap::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !given.is_empty() => {
                parameters.insert(name, given);
            }
            None if wanted == given => {}
            _ => return None,
        }
    }
    Some(parameters)
}

/// Returns the values of a parameter in a query. They are not decoded, because no parameter of the API needs encoding.
fn query_values(query: &str, name: &str) -> Vec<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(given, _)| *given == name)
        .map(|(_, value)| value.to_owned())
        .collect()
}

/// Returns whether an operation cannot be called without an access token.
fn needs_token(operation: &Value) -> bool {
    let schemes = operation["security"].as_array();
    schemes
        .is_some_and(|schemes| !schemes.is_empty() && schemes.iter().all(|scheme| scheme.get("accessToken").is_some()))
}

/// Returns whether a body is the error of a function, and not an answer of the gateway itself.
fn is_error(body: &str) -> bool {
    let body: Option<Value> = serde_json::from_str(body).ok();
    body.is_some_and(|body| body.get("error").is_some())
}
