//! The conversion of CloudFormation's YAML to JSON: `!Ref x` is `{"Ref": "x"}`, `!Sub x` is `{"Fn::Sub": "x"}`.

use anyhow::{Context as _, bail};
use serde_json::{Map, Number, Value, json};
use serde_yaml_ng::Value as Yaml;

/// Parses the text of a template.
pub(super) fn parse(text: &str) -> anyhow::Result<Value> {
    let yaml: Yaml = serde_yaml_ng::from_str(text).context("not YAML")?;
    to_json(yaml)
}

fn to_json(yaml: Yaml) -> anyhow::Result<Value> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => Value::Number(to_number(&number)?),
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(to_json).collect::<Result<_, _>>()?),
        Yaml::Mapping(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| Ok((to_name(&name)?, to_json(value)?)))
                .collect::<anyhow::Result<Map<_, _>>>()?,
        ),
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                "Ref" => "Ref".to_owned(),
                "Condition" => "Condition".to_owned(),
                function => format!("Fn::{function}"),
            };
            json!({ name: to_json(tagged.value)? })
        }
    })
}

fn to_number(number: &serde_yaml_ng::Number) -> anyhow::Result<Number> {
    let whole = number
        .as_i64()
        .map(Number::from)
        .or_else(|| number.as_u64().map(Number::from));
    whole
        .or_else(|| number.as_f64().and_then(Number::from_f64))
        .with_context(|| format!("JSON has no number {number}"))
}

fn to_name(name: &Yaml) -> anyhow::Result<String> {
    match name {
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => Ok(number.to_string()),
        Yaml::Bool(value) => Ok(value.to_string()),
        Yaml::Null | Yaml::Sequence(_) | Yaml::Mapping(_) | Yaml::Tagged(_) => bail!("a key must be a scalar"),
    }
}
