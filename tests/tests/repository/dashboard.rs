//! The dashboard in `examples/`: it names only what the template and the code have, and leaves nothing out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_yaml_ng::Value as Yaml;
use tests::template;

use crate::{logged, queries, read};

/// The parameters that make every table and log group.
const EVERYTHING: [(&str, &str); 4] = [
    ("MailVia", "event"),
    ("Pages", "on"),
    ("DeletionDays", "14"),
    ("EventBus", "default"),
];
/// The parameters that make nothing that is optional.
const NOTHING: [(&str, &str); 4] = [
    ("MailVia", "none"),
    ("Pages", "off"),
    ("DeletionDays", "0"),
    ("EventBus", ""),
];
/// The name of the stack in these tests.
const STACK: &str = "gatehouse";
/// The metrics of API Gateway that the dashboard shows.
const OF_THE_GATEWAY: [&str; 4] = ["4xx", "5xx", "Count", "Latency"];
/// The metrics of Lambda that the dashboard shows.
const OF_LAMBDA: [&str; 3] = ["Duration", "Invocations", "Throttles"];

#[test]
fn what_the_dashboard_imports_is_what_the_stack_exports() {
    let exports = exports();

    for (name, import) in Dashboard::read().imports {
        let expected = if name == "Api" { name } else { format!("{name}Function") };
        assert_eq!(exports.get(&import), Some(&expected), "{import}");
    }
}

#[test]
fn every_metric_of_the_dashboard_exists() {
    let dashboard = Dashboard::read();
    let mut own = logged::events();
    own.extend(logged::METRICS.map(str::to_owned));
    for metric in dashboard.metrics() {
        let [namespace, name, dimension, value] = metric.each_ref().map(String::as_str);
        let exists = match namespace {
            "Gatehouse" => own.contains(name) && (dimension, value) == ("service", "${Stack}"),
            "AWS/ApiGateway" => OF_THE_GATEWAY.contains(&name) && (dimension, value) == ("ApiId", "${Api}"),
            "AWS/Lambda" => OF_LAMBDA.contains(&name) && dimension == "FunctionName" && dashboard.imports(value),
            "AWS/DynamoDB" => {
                ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"].contains(&name) && dimension == "TableName"
            }
            "AWS/Logs" => (name, dimension) == ("IncomingBytes", "LogGroupName"),
            _ => false,
        };
        assert!(exists, "{metric:?}");
    }
    for search in dashboard
        .expressions()
        .iter()
        .filter(|expression| expression.contains("SEARCH"))
    {
        let (_, name) = search.split_once("MetricName=\"").unwrap();
        assert!(OF_THE_GATEWAY.contains(&name.split('"').next().unwrap()), "{search}");
    }
}

#[test]
fn every_function_has_its_own_memory_in_the_cost() {
    let dashboard = Dashboard::read();
    let template = template(&[]);
    for name in dashboard.imports.keys().filter(|name| *name != "Api") {
        let function = template.resource(&format!("{name}Function")).unwrap();
        let memory = &function["Properties"]["MemorySize"];
        let id = name[..1].to_lowercase() + &name[1..];
        let expected = format!("{id} / 1000 * {memory} / 1024");
        assert!(dashboard.expressions().contains(&expected), "{expected}");
    }
}

/// Functions that not every stack has cannot be imported.
#[test]
fn no_function_table_or_log_group_is_left_out() {
    let dashboard = Dashboard::read();
    let shown = |namespace: &str| -> BTreeSet<String> {
        let metrics = dashboard.metrics().into_iter().filter(|metric| metric[0] == namespace);
        metrics.map(|[.., value]| value.replace("${Stack}", STACK)).collect()
    };
    let (mut tables, mut groups) = (BTreeSet::new(), BTreeSet::new());
    // A stack has only one of the two mailers.
    for template in [template(&EVERYTHING), template(&[("MailVia", "ses")])] {
        let name = |properties: &Value, name: &str| properties[name].as_str().unwrap().to_owned();
        let found = template.of_type("AWS::DynamoDB::Table");
        tables.extend(found.map(|(_, table)| name(table, "TableName")));
        let mut ids = logged::groups_of_functions(&template);
        ids.insert(logged::GROUP_OF_THE_GATEWAY.to_owned());
        let found = ids.iter().map(|id| template.resource(id).unwrap());
        groups.extend(found.map(|group| name(&group["Properties"], "LogGroupName")));
    }

    assert_eq!(shown("AWS/DynamoDB"), tables);
    assert_eq!(shown("AWS/Logs"), groups);
    let always: BTreeSet<String> = template(&NOTHING).functions().unwrap().into_keys().collect();
    let imported = dashboard.imports.keys().filter(|name| *name != "Api");
    assert_eq!(
        imported.map(|name| format!("{name}Function")).collect::<BTreeSet<_>>(),
        always
    );
}

#[test]
fn the_queries_of_the_dashboard_name_fields_of_the_log() {
    let mut known = logged::fields();
    known.extend(logged::events());
    for query in Dashboard::read().strings("query") {
        let (source, query) = query.split_once(" | ").unwrap();
        assert!(source.starts_with("SOURCE '/aws/lambda/${Stack}-"), "{source}");
        let (fields, values) = queries::parse(query);
        assert!(fields.is_subset(&known), "{fields:?}");
        assert!(values.is_subset(&logged::events()), "{values:?}");
    }
}

#[test]
fn the_page_explains_every_graph() {
    let page = read("docs/dashboard.md");
    let explained = page.replace('`', "");
    for title in Dashboard::read().strings("title") {
        let begins = title.split(" (").next().unwrap_or_default();
        let short = begins.replace("Latency of almost all requests", "Latency");
        assert!(explained.contains(&short), "docs/dashboard.md lacks {short:?}");
    }
}

/// The dashboard, with the names that it imports.
struct Dashboard {
    body: Value,
    /// The exports, by the names in the body.
    imports: BTreeMap<String, String>,
}

impl Dashboard {
    fn read() -> Self {
        let document: Yaml = serde_yaml_ng::from_str(&read("examples/dashboard.yaml")).unwrap();
        let body = member(&document, &["Resources", "Dashboard", "Properties", "DashboardBody"]);
        let [text, imports] = body.as_sequence().unwrap().as_slice() else {
            panic!("the body is a string and what it imports")
        };
        let imports = imports.as_mapping().unwrap().iter().map(|(name, import)| {
            let export = member(import, &["Fn::ImportValue"]).as_str().unwrap();
            (name.as_str().unwrap().to_owned(), export.replace("${Stack}", ""))
        });
        Self {
            body: serde_json::from_str(text.as_str().unwrap()).unwrap(),
            imports: imports.collect(),
        }
    }

    fn imports(&self, value: &str) -> bool {
        let name = value.strip_prefix("${").and_then(|name| name.strip_suffix('}'));
        name.is_some_and(|name| self.imports.contains_key(name))
    }

    fn properties(&self) -> impl Iterator<Item = &Value> {
        let widgets = self.body.get("widgets").and_then(Value::as_array).unwrap();
        widgets.iter().filter_map(|widget| widget.get("properties"))
    }

    /// Returns the rows of all graphs: metrics and expressions.
    fn rows(&self) -> impl Iterator<Item = &Value> {
        let rows = self.properties().filter_map(|properties| properties.get("metrics"));
        rows.filter_map(Value::as_array).flatten()
    }

    /// Returns the namespace, name, dimension and value of each metric.
    fn metrics(&self) -> Vec<[String; 4]> {
        let metrics = self.rows().filter(|row| row.get(0).is_some_and(Value::is_string));
        let part = |row: &Value, place| row.get::<usize>(place).and_then(Value::as_str).unwrap().to_owned();
        metrics.map(|row| [0, 1, 2, 3].map(|place| part(row, place))).collect()
    }

    fn expressions(&self) -> Vec<String> {
        let expressions = self.rows().filter_map(|row| row.pointer("/0/expression"));
        expressions.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Returns the strings that the widgets have in a member.
    fn strings(&self, name: &str) -> Vec<String> {
        let values = self.properties().filter_map(|properties| properties.get(name));
        values.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

/// Returns what the stack exports: the resource for the end of each name.
fn exports() -> BTreeMap<String, String> {
    let document: Yaml = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    let outputs = member(&document, &["Outputs"]).as_mapping().unwrap().values();
    let exported = outputs.filter(|output| output.get("Export").is_some());
    exported
        .map(|output| {
            let name = member(output, &["Export", "Name"]).as_str().unwrap();
            let value = member(output, &["Value"]).as_str().unwrap();
            (name.replace("${AWS::StackName}", ""), value.to_owned())
        })
        .collect()
}

/// Returns the value at a path, without its tag.
fn member<'a>(value: &'a Yaml, path: &[&str]) -> &'a Yaml {
    let found = path.iter().try_fold(value, |value, name| value.get(*name));
    match found.unwrap_or_else(|| panic!("nothing is at {path:?}")) {
        Yaml::Tagged(tagged) => &tagged.value,
        found @ (Yaml::Null
        | Yaml::Bool(_)
        | Yaml::Number(_)
        | Yaml::String(_)
        | Yaml::Sequence(_)
        | Yaml::Mapping(_)) => found,
    }
}
