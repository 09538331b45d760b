//! CloudFormation's intrinsic functions, resolved for this machine. A resource's `Ref` is its logical id.

use std::{collections::BTreeMap, sync::LazyLock};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Map, Value, json};

use super::{plain, text};

/// The values of CloudFormation's pseudo parameters.
const PSEUDO_PARAMETERS: &[(&str, &str)] = &[
    ("AWS::AccountId", "000000000000"),
    ("AWS::Partition", "aws"),
    ("AWS::Region", "local"),
    ("AWS::StackName", "gatehouse"),
    ("AWS::URLSuffix", "localhost"),
];

/// The placeholder for `AWS::NoValue`. Members of objects and items of lists with this value are dropped.
const NO_VALUE: &str = "\u{0}AWS::NoValue";

/// Returns the resources of a template whose conditions are met, with `Globals` and `BuildProperties` merged into each
/// function's properties and all intrinsic functions resolved. The template must declare each of the parameters.
pub(super) fn resolve(document: &Value, parameters: &BTreeMap<&str, &str>) -> anyhow::Result<Map<String, Value>> {
    let declared = members(document, "Parameters");
    for name in parameters.keys() {
        ensure!(declared.contains_key(*name), "the template has no parameter {name}");
    }
    let scope = Scope::new(document, parameters);
    let resources = members(document, "Resources");
    resources
        .iter()
        .filter_map(|(id, resource)| match scope.has(resource) {
            Ok(false) => None,
            outcome => Some((id, resource, outcome)),
        })
        .map(|(id, resource, outcome)| {
            outcome.with_context(|| format!("in {id}"))?;
            let whole = with_globals(document, resource);
            let resolved = scope.resolve(&whole).with_context(|| format!("in {id}"))?;
            Ok((id.clone(), resolved))
        })
        .collect()
}

fn with_globals(document: &Value, resource: &Value) -> Value {
    let mut resource = resource.clone();
    if text(&resource, "/Type").is_ok_and(|kind| kind == "AWS::Serverless::Function") {
        let build = resource.pointer("/Metadata/BuildProperties").cloned();
        let globals = document.pointer("/Globals/Function").unwrap_or(&Value::Null);
        let own = resource.get("Properties").unwrap_or(&Value::Null);
        let mut properties = merge(globals, own);
        properties.insert("BuildProperties".to_owned(), build.unwrap_or_default());
        if let Some(resource) = resource.as_object_mut() {
            resource.insert("Properties".to_owned(), Value::Object(properties));
        }
    }
    resource
}

/// Merges two objects at every depth. Members of the second override those of the first.
fn merge(under: &Value, over: &Value) -> Map<String, Value> {
    let mut result = under.as_object().cloned().unwrap_or_default();
    for (name, value) in over.as_object().into_iter().flatten() {
        let value = match result.get(name) {
            Some(below @ Value::Object(_)) if value.is_object() => Value::Object(merge(below, value)),
            _ => value.clone(),
        };
        result.insert(name.clone(), value);
    }
    result
}

fn members<'a>(value: &'a Value, name: &str) -> &'a Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.get(name).and_then(Value::as_object).unwrap_or(&NONE)
}

/// The values of the names that a template can refer to.
struct Scope<'a> {
    document: &'a Value,
    values: BTreeMap<&'a str, Value>,
}

impl<'a> Scope<'a> {
    fn new(document: &'a Value, parameters: &BTreeMap<&'a str, &'a str>) -> Self {
        let declared = members(document, "Parameters").iter().map(|(name, declaration)| {
            let given = parameters.get(name.as_str()).map(|value| json!(value));
            let value = given
                .or_else(|| declaration.get("Default").cloned())
                .unwrap_or_default();
            let is_list = text(declaration, "/Type").is_ok_and(|kind| kind == "CommaDelimitedList");
            (name.as_str(), if is_list { split(&plain(&value), ",") } else { value })
        });
        let pseudo = PSEUDO_PARAMETERS.iter().map(|(name, value)| (*name, json!(value)));
        let no_value = ("AWS::NoValue", json!(NO_VALUE));
        Self {
            values: declared.chain(pseudo).chain([no_value]).collect(),
            document,
        }
    }

    fn resolve(&self, value: &Value) -> anyhow::Result<Value> {
        match value {
            Value::Array(items) => {
                let items = items
                    .iter()
                    .map(|item| self.resolve(item))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(items.into_iter().filter(|item| *item != NO_VALUE).collect())
            }
            Value::Object(object) => match single(object) {
                Some((name, argument)) if name == "Ref" || name.starts_with("Fn::") => self.call(name, argument),
                _ => self.resolve_members(object),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(value.clone()),
        }
    }

    fn resolve_members(&self, object: &Map<String, Value>) -> anyhow::Result<Value> {
        let mut resolved = Map::new();
        for (name, value) in object {
            let value = self.resolve(value).with_context(|| format!("in {name}"))?;
            if value != NO_VALUE {
                resolved.insert(name.clone(), value);
            }
        }
        Ok(Value::Object(resolved))
    }

    fn call(&self, function: &str, argument: &Value) -> anyhow::Result<Value> {
        match function {
            "Ref" => self.look_up(argument.as_str().context("the argument of Ref is not a name")?),
            "Fn::GetAtt" => self.attribute(argument),
            "Fn::Sub" => Ok(json!(self.substitute(argument)?)),
            "Fn::If" => self.choose(argument),
            "Fn::Join" => {
                let [separator, parts] = arguments(argument)?;
                let parts = self.resolve(parts)?;
                let parts: Vec<String> = parts.as_array().into_iter().flatten().map(plain).collect();
                Ok(json!(parts.join(separator.as_str().unwrap_or_default())))
            }
            "Fn::Split" => {
                let [separator, whole] = arguments(argument)?;
                Ok(split(
                    &plain(&self.resolve(whole)?),
                    separator.as_str().unwrap_or_default(),
                ))
            }
            other => bail!("{other} is not supported here"),
        }
    }

    fn look_up(&self, name: &str) -> anyhow::Result<Value> {
        // SAM gives a resource that it creates for a function a name such as `AuthorizerFunction.Alias`.
        let id = name.split('.').next().unwrap_or(name);
        let resource = || members(self.document, "Resources").get(id).map(|_| json!(name));
        self.values
            .get(name)
            .cloned()
            .or_else(resource)
            .with_context(|| format!("nothing is named {name}"))
    }

    /// Returns the value of `!GetAtt Resource.Attribute`. For a parameter in the Systems Manager, that is its value. For
    /// other resources, the string `Resource.Attribute` stands for it.
    fn attribute(&self, argument: &Value) -> anyhow::Result<Value> {
        let name = match argument {
            Value::Array(parts) => parts.iter().map(plain).collect::<Vec<_>>().join("."),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => plain(argument),
        };
        let (id, attribute) = name.split_once('.').context("Fn::GetAtt without an attribute")?;
        let resource = members(self.document, "Resources").get(id).unwrap_or(&Value::Null);
        if attribute == "Value" && text(resource, "/Type").is_ok_and(|kind| kind == "AWS::SSM::Parameter") {
            self.resolve(
                resource
                    .pointer("/Properties/Value")
                    .context("a parameter without a value")?,
            )
        } else {
            Ok(json!(name))
        }
    }

    fn substitute(&self, argument: &Value) -> anyhow::Result<String> {
        let (pattern, own) = match argument {
            Value::Array(_) => {
                let [pattern, own] = arguments(argument)?;
                (pattern, own.as_object())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => (argument, None),
        };
        let pattern = pattern.as_str().context("Fn::Sub without a string")?;
        let mut result = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').context("Fn::Sub without }")?;
            let value = match own.and_then(|own| own.get(name)) {
                Some(value) => self.resolve(value)?,
                None if name.contains('.') => self.attribute(&json!(name))?,
                None => self.look_up(name)?,
            };
            result.push_str(before);
            result.push_str(&plain(&value));
            rest = after;
        }
        result.push_str(rest);
        Ok(result)
    }

    fn choose(&self, argument: &Value) -> anyhow::Result<Value> {
        let [condition, then, otherwise] = arguments(argument)?;
        let name = condition.as_str().context("Fn::If without a condition's name")?;
        self.resolve(if self.is_met(name)? { then } else { otherwise })
    }

    /// Returns whether a resource is made: it has no condition, or its condition is met.
    fn has(&self, resource: &Value) -> anyhow::Result<bool> {
        match resource.get("Condition") {
            None => Ok(true),
            Some(name) => self.is_met(name.as_str().context("a condition without a name")?),
        }
    }

    fn is_met(&self, name: &str) -> anyhow::Result<bool> {
        let condition = members(self.document, "Conditions").get(name);
        self.evaluate(condition.with_context(|| format!("no condition is named {name}"))?)
    }

    fn evaluate(&self, condition: &Value) -> anyhow::Result<bool> {
        let (function, argument) = condition
            .as_object()
            .and_then(single)
            .context("a condition must be one function")?;
        let each = || argument.as_array().into_iter().flatten().map(|one| self.evaluate(one));
        match function {
            "Fn::Equals" => {
                let [left, right] = arguments(argument)?;
                Ok(plain(&self.resolve(left)?) == plain(&self.resolve(right)?))
            }
            "Fn::Not" => {
                let [inner] = arguments(argument)?;
                Ok(!self.evaluate(inner)?)
            }
            "Condition" => self.is_met(&plain(argument)),
            "Fn::And" => Ok(each()
                .collect::<anyhow::Result<Vec<bool>>>()?
                .into_iter()
                .all(|one| one)),
            "Fn::Or" => Ok(each()
                .collect::<anyhow::Result<Vec<bool>>>()?
                .into_iter()
                .any(|one| one)),
            other => bail!("the condition {other} is not supported here"),
        }
    }
}

/// Splits a string and trims each item. An empty string gives one empty item, as in CloudFormation.
fn split(whole: &str, separator: &str) -> Value {
    whole.split(separator).map(str::trim).collect()
}

fn single(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = object.iter();
    let (name, value) = entries.next()?;
    entries.next().is_none().then_some((name.as_str(), value))
}

fn arguments<const N: usize>(argument: &Value) -> anyhow::Result<[&Value; N]> {
    let items: Vec<&Value> = argument.as_array().into_iter().flatten().collect();
    items
        .try_into()
        .ok()
        .with_context(|| format!("the function must have {N} arguments"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(json!({"Ref": "Name"}), json!("given"))]
    #[case(json!({"Ref": "Other"}), json!("default"))]
    #[case(json!({"Ref": "Table"}), json!("Table"))]
    #[case(json!({"Fn::GetAtt": "Table.Arn"}), json!("Table.Arn"))]
    #[case(json!({"Fn::GetAtt": "Stored.Value"}), json!("given"))]
    #[case(json!({"Fn::Sub": "a-${Name}-${Table.Arn}-${AWS::Region}"}), json!("a-given-Table.Arn-local"))]
    #[case(json!({"Fn::Sub": ["${Own}-${Name}", {"Own": {"Ref": "Other"}}]}), json!("default-given"))]
    #[case(json!({"Fn::Join": [",", {"Ref": "List"}]}), json!("x,y"))]
    #[case(json!({"Fn::If": ["IsGiven", 1, 2]}), json!(1))]
    #[case(json!({"Fn::If": ["IsNotGiven", 1, 2]}), json!(2))]
    #[case(json!({"Fn::If": ["IsBoth", 1, 2]}), json!(2))]
    #[case(json!({"a": {"Ref": "AWS::NoValue"}, "b": 1}), json!({"b": 1}))]
    #[case(json!({"Ref": "Empty"}), json!([""]))]
    fn functions_are_resolved(#[case] value: Value, #[case] expected: Value) {
        let document = json!({
            "Parameters": {
                "Name": {"Type": "String"}, "Other": {"Type": "String", "Default": "default"},
                "List": {"Type": "CommaDelimitedList", "Default": "x, y"},
                "Empty": {"Type": "CommaDelimitedList", "Default": ""},
            },
            "Conditions": {
                "IsGiven": {"Fn::Equals": [{"Ref": "Name"}, "given"]},
                "IsNotGiven": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, "given"]}]},
                "IsBoth": {"Fn::And": [{"Condition": "IsGiven"}, {"Condition": "IsNotGiven"}]},
            },
            "Resources": {
                "Table": {},
                "Stored": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Ref": "Name"}}},
            },
        });
        let parameters = BTreeMap::from([("Name", "given")]);

        assert_eq!(Scope::new(&document, &parameters).resolve(&value).unwrap(), expected);
    }

    #[test]
    fn a_parameter_that_the_template_does_not_declare_is_refused() {
        let document = json!({"Parameters": {"Name": {"Type": "String"}}});

        assert!(resolve(&document, &BTreeMap::from([("Name", "given")])).is_ok());
        let error = resolve(&document, &BTreeMap::from([("Nmae", "given")])).unwrap_err();

        assert_eq!(error.to_string(), "the template has no parameter Nmae");
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let document = json!({});
        let error = Scope::new(&document, &BTreeMap::new())
            .resolve(&json!({"Fn::Cidr": []}))
            .unwrap_err();

        assert_eq!(error.to_string(), "Fn::Cidr is not supported here");
    }
}
