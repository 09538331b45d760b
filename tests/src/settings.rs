//! The settings that `template.yaml` declares: its parameters, and the environment variables of the functions.

use std::{collections::BTreeMap, path::Path};

use serde_yaml_ng::Value;

/// A parameter of the template.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// The default. A parameter without one is required.
    pub default: Option<String>,
    /// The minimum and the maximum, if the parameter is a number with both.
    pub range: Option<(u64, u64)>,
    /// The permitted values, if the template lists them.
    pub allowed: Vec<String>,
    /// The description.
    pub description: String,
}

/// A variable in the environment of functions.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The parameter from which the variable gets its value, or `None` if the variable names a resource.
    pub parameter: Option<Parameter>,
    /// The functions that get the variable, in the template's order.
    pub functions: Vec<String>,
}

impl Variable {
    /// Returns whether the variable's parameter has a default. A function can start without such a variable.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.parameter
            .as_ref()
            .is_some_and(|parameter| parameter.default.is_some())
    }
}

/// Returns the parameters of the template, in its order.
#[must_use]
pub fn parameters() -> Vec<Parameter> {
    members(&document()["Parameters"])
        .map(|(name, declaration)| parameter(name, declaration))
        .collect()
}

/// Returns the variables that the template sets for individual functions, in the order in which they first appear.
#[must_use]
pub fn variables() -> Vec<Variable> {
    let parameters: BTreeMap<String, Parameter> = parameters()
        .into_iter()
        .map(|parameter| (parameter.name.clone(), parameter))
        .collect();
    let document = document();
    let mut variables: Vec<Variable> = Vec::new();
    for (_, resource) in members(&document["Resources"]) {
        let Some(function) = resource["Metadata"]["BuildProperties"]["Binary"].as_str() else {
            continue;
        };
        for (name, value) in members(&resource["Properties"]["Environment"]["Variables"]) {
            if let Some(known) = variables.iter_mut().find(|known| known.name == name) {
                known.functions.push(function.to_owned());
            } else {
                variables.push(Variable {
                    name: name.to_owned(),
                    parameter: reference(value).and_then(|name| parameters.get(name).cloned()),
                    functions: vec![function.to_owned()],
                });
            }
        }
    }
    variables
}

fn document() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_mapping().into_iter().flatten();
    members.map(|(name, value)| (name.as_str().unwrap(), value))
}

fn parameter(name: &str, declaration: &Value) -> Parameter {
    let number = |name: &str| declaration[name].as_u64();
    Parameter {
        name: name.to_owned(),
        default: declaration.get("Default").map(plain),
        range: number("MinValue").zip(number("MaxValue")),
        allowed: declaration["AllowedValues"]
            .as_sequence()
            .into_iter()
            .flatten()
            .map(plain)
            .collect(),
        description: plain(&declaration["Description"]),
    }
}

/// Returns the name in the first `!Ref` of a value, at any depth of tags and lists.
fn reference(value: &Value) -> Option<&str> {
    match value {
        Value::Tagged(tagged) if tagged.tag == "Ref" => tagged.value.as_str(),
        Value::Tagged(tagged) => reference(&tagged.value),
        Value::Sequence(values) => values.iter().find_map(reference),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Mapping(_) => None,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => {
            serde_yaml_ng::to_string(value).unwrap().trim().to_owned()
        }
    }
}
