"""Which permissions the calls need with which people look at a stack: its resources, logs, metrics, APIs, functions. So
do those with which an operator puts an act on record."""

import json
import re
from urllib.parse import parse_qs, unquote

# The actions that have no resources, or of which the resource is all log groups.
EVERYWHERE = {
    "cloudwatch:GetMetricData",
    "lambda:GetAccountSettings",
    "logs:DescribeLogGroups",
    "logs:GetQueryResults",
    "ses:GetAccount",
    "ses:GetSuppressedDestination",
}
# The name of each service as callers sign it, and the function that reads its calls.
READERS = {}


def permissions(arn, service, method, path, target, body):
    """Returns the needed permissions, or `None` for a call that is not one of these."""
    reader = READERS.get(service)
    return reader(arn, method, unquote(path), target, body) if reader else None


def reads(service):
    def add(function):
        READERS[service] = function
        return function

    return add


@reads("cloudformation")
def of_stacks(arn, _method, _path, _target, body):
    said = parse_qs(body.decode())
    action, stack = said["Action"][0], said.get("StackName", ["*"])[0]
    if action not in ("DescribeStacks", "DescribeStackResources", "ListStackResources"):
        return None
    return [[(f"cloudformation:{action}", arn("cloudformation", f"stack/{stack}/id"))]]


@reads("logs")
def of_logs(arn, _method, _path, target, body):
    action, said = f"logs:{target.partition('.')[2]}", json.loads(body)
    if action in EVERYWHERE:
        return [[(action, "*")]]
    if action not in ("logs:FilterLogEvents", "logs:StartQuery", "logs:CreateLogStream", "logs:PutLogEvents"):
        return None
    groups = said.get("logGroupNames") or [said["logGroupName"]]
    stream = said.get("logStreamName", "") if action == "logs:PutLogEvents" else ""
    return [[(action, arn("logs", f"log-group:{group}:log-stream:{stream}"))] for group in groups]


@reads("sts")
def of_callers(_arn, _method, _path, _target, body):
    """Everyone may ask who they are."""
    return [] if parse_qs(body.decode())["Action"] == ["GetCallerIdentity"] else None


@reads("monitoring")
def of_metrics(_arn, _method, _path, target, _body):
    return of_anything(f"cloudwatch:{target.partition('.')[2]}")


@reads("ses")
def of_mail(_arn, method, path, _target, _body):
    actions = {"/v2/email/account": "ses:GetAccount"}
    if path.startswith("/v2/email/suppression/addresses/"):
        actions[path] = "ses:GetSuppressedDestination"
    return of_anything(actions.get(path)) if method == "GET" else None


@reads("apigateway")
def of_apis(arn, method, path, _target, _body):
    if method != "GET":
        return None
    # The ARN has no account, and the version of the API is not part of it.
    region = arn("apigateway", "").split(":")[3]
    resource = path.partition("?")[0].removeprefix("/v2")
    return [[("apigateway:GET", f"arn:aws:apigateway:{region}::{resource}")]]


@reads("lambda")
def of_functions(arn, method, path, _target, _body):
    if (method, path) == ("GET", "/2016-08-19/account-settings/"):
        return of_anything("lambda:GetAccountSettings")
    found = re.fullmatch(r"/2015-03-31/functions/([^/]+)/(configuration|aliases/\w+)(?:\?Qualifier=(\w+))?", path)
    if method != "GET" or not found:
        return None
    function = found[1] if found[1].startswith("arn:") else arn("lambda", f"function:{found[1]}")
    if found[2] != "configuration":
        return [[("lambda:GetAlias", function)]]
    return [[("lambda:GetFunctionConfiguration", f"{function}:{found[3]}" if found[3] else function)]]


def of_anything(action):
    return [[(action, "*")]] if action in EVERYWHERE else None
