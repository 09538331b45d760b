//! The reader of `template.yaml`. The local stack takes its resources from that file, so that it runs what is deployed.

mod api;
mod cors;
mod event_source;
mod intrinsic;
mod settings;
mod yaml;

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};
use store::TableDefinition;

pub use api::{Api, Authorizer, AuthorizerAnswer, IdentitySource, Route};
pub use cors::Cors;
pub use event_source::{EventSource, StartingPosition};

/// A SAM template with every intrinsic function resolved.
#[derive(Clone, Debug)]
pub struct Template {
    resources: Map<String, Value>,
}

/// One Lambda function of the template.
#[derive(Clone, Debug)]
pub struct Function {
    /// The folder in `functions/`, which is also the name of the binary.
    pub name: String,
    /// The function's timeout.
    pub timeout: Duration,
    /// The function's environment variables.
    pub variables: BTreeMap<String, String>,
    /// The IAM statements of the function's role.
    pub statements: Vec<Value>,
}

impl Template {
    /// Reads a template and resolves it with these parameters. Other parameters have their defaults.
    ///
    /// # Errors
    /// If the template cannot be read, is not YAML, or uses an unsupported intrinsic function.
    pub fn read(path: &Path, parameters: &BTreeMap<&str, &str>) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, parameters).with_context(|| format!("in {}", path.display()))
    }

    /// Resolves the text of a template with these parameters, like [`Template::read`].
    ///
    /// # Errors
    /// If the text is not YAML, or uses an unsupported intrinsic function.
    pub fn parse(text: &str, parameters: &BTreeMap<&str, &str>) -> anyhow::Result<Self> {
        let document = yaml::parse(text)?;
        let resources = intrinsic::resolve(&document, parameters)?;
        Ok(Self { resources })
    }

    /// Returns all functions by their logical ids.
    ///
    /// # Errors
    /// If a function's properties have an unexpected form.
    pub fn functions(&self) -> anyhow::Result<BTreeMap<String, Function>> {
        self.of_type("AWS::Serverless::Function")
            .map(|(id, properties)| {
                let function = function(properties).with_context(|| format!("in {id}"))?;
                Ok((id.clone(), function))
            })
            .collect()
    }

    /// Returns all tables by their logical ids, which are their names in the local stack.
    ///
    /// # Errors
    /// If a table has no partition key, or a key that is not a string.
    pub fn tables(&self) -> anyhow::Result<BTreeMap<String, TableDefinition>> {
        self.of_type("AWS::DynamoDB::Table")
            .map(|(id, properties)| {
                let table = table(properties).with_context(|| format!("in {id}"))?;
                Ok((id.clone(), table))
            })
            .collect()
    }

    /// Returns the HTTP API with its routes.
    ///
    /// # Errors
    /// If there is not exactly one HTTP API, or one of its routes or authorizers uses something unsupported.
    pub fn api(&self) -> anyhow::Result<Api> {
        api::read(self)
    }

    /// Returns the streams of tables that functions process, in the template's order.
    ///
    /// # Errors
    /// If an event of the type `DynamoDB` has a setting that is not imitated, or names no stream.
    pub fn event_sources(&self) -> anyhow::Result<Vec<EventSource>> {
        event_source::read(self)
    }

    /// Returns the logical id and the properties of each resource of a type.
    pub fn of_type(&self, wanted: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.resources
            .iter()
            .filter(move |(_, resource)| text(resource, "/Type").is_ok_and(|kind| kind == wanted))
            .map(|(id, resource)| (id, resource.get("Properties").unwrap_or(&Value::Null)))
    }

    /// Returns the resource with this logical id, if there is one.
    #[must_use]
    pub fn resource(&self, id: &str) -> Option<&Value> {
        self.resources.get(id)
    }
}

fn function(properties: &Value) -> anyhow::Result<Function> {
    let seconds = whole(properties, "/Timeout").context("no Timeout")?;
    let variables = properties.pointer("/Environment/Variables").and_then(Value::as_object);
    let statements = properties.get("Policies").and_then(Value::as_array);
    Ok(Function {
        name: text(properties, "/BuildProperties/Binary")?.to_owned(),
        timeout: Duration::from_secs(seconds),
        variables: variables
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect(),
        statements: statements
            .into_iter()
            .flatten()
            .filter_map(|policy| policy.get("Statement")?.as_array())
            .flatten()
            .cloned()
            .collect(),
    })
}

fn table(properties: &Value) -> anyhow::Result<TableDefinition> {
    let schema = list(properties, "KeySchema");
    let key = |kind: &str| {
        schema
            .iter()
            .find(|key| text(key, "/KeyType").is_ok_and(|found| found == kind))
            .map(|key| text(key, "/AttributeName").map(str::to_owned))
            .transpose()
    };
    for attribute in list(properties, "AttributeDefinitions") {
        if text(attribute, "/AttributeType")? != "S" {
            bail!("unsupported key type: only string keys are supported");
        }
    }
    Ok(TableDefinition {
        partition_key: key("HASH")?.context("no HASH key")?,
        sort_key: key("RANGE")?,
        ttl: text(properties, "/TimeToLiveSpecification/AttributeName")
            .ok()
            .map(str::to_owned),
        stream: text(properties, "/StreamSpecification/StreamViewType")
            .ok()
            .map(str::to_owned),
    })
}

/// Returns the string at a JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .with_context(|| format!("no string at {pointer}"))
}

/// Returns the whole number at a JSON pointer, or `None` if there is none. A string of digits is a number too, since
/// parameters turn numbers into strings.
pub(crate) fn whole(value: &Value, pointer: &str) -> Option<u64> {
    let found = value.pointer(pointer)?;
    found.as_u64().or_else(|| found.as_str()?.parse().ok())
}

/// Returns the items of the list in the member `name`, or no items if there is no such list.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns a scalar as a string, as CloudFormation converts it.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
