"""Alarms, saved queries and the dashboard of a deployed stack, and the lines that its functions really wrote."""

import json
import re
import time
import tomllib

from . import stacks
from .cloud import ACCOUNT, REGION

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
# What is no field in a query: the words of the language. A function has a parenthesis after its name.
WORDS = {"and", "as", "asc", "by", "desc", "fields", "filter", "in", "limit", "or", "sort", "stats"}
# The fields that CloudWatch adds to each line.
SYSTEM = {"@timestamp", "@message", "@log"}


def check(deployed):
    """Fails if an alarm does not tell the topic, or if an alarm or a query names what the stack does not have."""
    functions = set(deployed.of_type("AWS::Lambda::Function").values())
    groups = set(deployed.of_type("AWS::Logs::LogGroup").values())
    expected = {
        "service": {deployed.name},
        "ApiId": set(deployed.of_type("AWS::ApiGatewayV2::Api").values()),
        "FunctionName": functions,
        "QueueName": {each.split("/")[-1] for each in deployed.of_type("AWS::SQS::Queue").values()},
    }
    alarms = properties(deployed, "AWS::CloudWatch::Alarm")
    assert len(alarms) > 20, f"only {sorted(alarms)}"
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [TOPIC], f"{name} does not tell the topic"
        metrics = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
        for dimension in (each for metric in metrics or [alarm] for each in metric["Dimensions"]):
            known = expected.get(dimension["Name"])
            assert known is None or dimension["Value"] in known, f"{name}: {dimension}"
    queries = properties(deployed, "AWS::Logs::QueryDefinition")
    assert queries, "no query was saved"
    for name, query in queries.items():
        assert query["Name"].startswith(f"{deployed.name}/"), f"{name}: {query['Name']}"
        assert set(query["LogGroupNames"]) <= groups, f"{name}: {set(query['LogGroupNames']) - groups}"


def check_dashboard(cloud, deployed, text):
    """Deploys the dashboard beside a stack. Fails if it names what the stack does not have."""
    name = f"{deployed.name}-dashboard"
    cloud.deploy(text, name, Stack=deployed.name).require("CREATE_COMPLETE")
    (dashboard,) = properties(cloud.deployed(name), "AWS::CloudWatch::Dashboard").values()
    body = dashboard["DashboardBody"]
    assert "${" not in body, "a name is not replaced"
    rows = [row for widget in json.loads(body)["widgets"] for row in widget["properties"].get("metrics", [])]
    functions = {row[3] for row in rows if row[0] == "AWS/Lambda"}
    missing = functions - set(deployed.of_type("AWS::Lambda::Function").values())
    assert functions and not missing, f"the dashboard shows functions that do not exist: {missing}"
    (api,) = deployed.of_type("AWS::ApiGatewayV2::Api").values()
    assert {row[3] for row in rows if row[0] == "AWS/ApiGateway"} == {api}, "the dashboard shows another API"


def check_queries(cloud, worlds, path):
    """Fails if a query names a field that no line of its logs had in any stack, and that a file does not list with a
    reason."""
    with path.open("rb") as file:
        listed = tomllib.load(file)["fields"]
    if any(not each["reason"] for each in listed):
        raise AssertionError(f"{path.name}: an entry has no reason")
    known = {f"{name}: {field}" for each in listed for name in each["queries"] for field in each["names"]}
    written, named, found = fields_by_group(cloud, worlds), set(), set()
    for world in worlds:
        for query in properties(world.deployed, "AWS::Logs::QueryDefinition").values():
            in_lines = {field for group in query["LogGroupNames"] for field in written.get(group, ())}
            _, _, name = query["Name"].partition("/")
            for field in fields(query["QueryString"]) - SYSTEM:
                (found if field in in_lines else named).add(f"{name}: {field}")
    missing = named - found
    faults = [f"no line has this field: {each}" for each in sorted(missing - known)]
    faults += [f"a line has this field, or no query names it: {each}" for each in sorted(known - missing)]
    if faults:
        raise AssertionError(f"{path.name}:\n" + "\n".join(faults))


def run_queries(cloud, worlds):
    """Runs the saved queries on the lines of the test. Fails if one finds nothing in any stack, and so asks for what is
    never there. The words in capitals are what a person puts in."""
    found, now = {}, int(time.time())
    logs = cloud.client("logs")
    for world in worlds:
        for query in properties(world.deployed, "AWS::Logs::QueryDefinition").values():
            name, groups = query["Name"].partition("/")[2], query["LogGroupNames"]
            for asked in filled_in(query["QueryString"], cloud.logs.rows(groups)):
                started = logs.start_query(
                    logGroupNames=groups, startTime=now - 3600, endTime=now + 60, queryString=asked
                )
                rows = logs.get_query_results(queryId=started["queryId"])["results"]
                found[name] = found.get(name, 0) + len(rows)
    empty = sorted(name for name, rows in found.items() if not rows)
    assert not empty, f"no stack has lines for the queries {empty}"
    return found


def filled_in(query, rows):
    """Returns a query with real values in place of its words in capitals."""
    names = {"REQUEST-ID": "requestId", "WHO": "user_id"}
    word = next((word for word in names if word in query), None)
    if word is None:
        return [query]
    values = [row[names[word]] for row in rows if names[word] in row]
    return [query.replace(word, values[-1])]


def fields_by_group(cloud, worlds):
    """Returns the names of the fields of the lines that each log group has got."""
    cloud.logs.collect()
    groups = {}
    for world in worlds:
        for group in world.deployed.of_type("AWS::Logs::LogGroup").values():
            groups[group] = {field for row in cloud.logs.rows([group]) for field in row}
    return groups


def fields(query):
    """Returns the fields that a query names: all words but those of the language, values, functions and aliases."""
    code = re.sub(r'"[^"]*"', " ", re.sub(r"^\s*#.*$", "", query, flags=re.MULTILINE))
    words = re.findall(r"(?<![\w@.])([A-Za-z_@][\w@.]*)(\()?", code)
    aliases = {word for (before, _), (word, _) in zip(words, words[1:]) if before == "as"}
    return {word for word, is_function in words if not is_function} - WORDS - aliases


def properties(deployed, kind):
    """Returns the resolved properties of the resources of a type, by logical id."""
    names = deployed.of_type(kind)
    return {name: stacks.resource(ACCOUNT, REGION, deployed.name, name).properties for name in names}
