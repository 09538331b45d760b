"""Whether the policies of a deployer allow what CloudFormation needs for the stack, by its schemas, and no more."""

import json
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from . import stacks
from .cloud import ACCOUNT, REGION
from .statements import as_list

# For each type whose resources have a name of the stack: an action, and the ARN in which the physical id stands.
PLACES = {
    "AWS::CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "cloudwatch:{place}:alarm:{id}"),
    "AWS::DynamoDB::Table": ("dynamodb:CreateTable", "dynamodb:{place}:table/{id}"),
    "AWS::Events::Rule": ("events:PutRule", "events:{place}:rule/{id}"),
    "AWS::IAM::Role": ("iam:CreateRole", "iam::{account}:role/{id}"),
    "AWS::Lambda::Function": ("lambda:CreateFunction", "lambda:{place}:function:{id}"),
    "AWS::Logs::LogGroup": ("logs:CreateLogGroup", "logs:{place}:log-group:{id}:log-stream:"),
    "AWS::SSM::Parameter": ("ssm:PutParameter", "ssm:{place}:parameter{id}"),
}
LARGEST, LONGEST = 6144, 32


def check(cloud, repository, deployed):
    """Fails if a policy of `examples/deployer.yaml` lacks something, or has something that nothing needs."""
    text = (repository / "examples/deployer.yaml").read_text()
    made = cloud.deploy(text, f"deployer-of-{deployed.name}", StackName=deployed.name).require("CREATE_COMPLETE")
    arns = made.of_type("AWS::IAM::ManagedPolicy").values()
    policies = [cloud.roles.statements_of_policy(arn) for arn in arns]
    statements = [statement for policy in policies for statement in policy]
    descriptions = stacks.descriptions(ACCOUNT, REGION, deployed.name)
    check_actions(descriptions, statements)
    check_places(deployed, statements)
    for policy in policies:
        text = json.dumps({"Version": "2012-10-17", "Statement": policy}, separators=(",", ":"))
        size = len(text.replace(f"{deployed.name}-", "n" * LONGEST + "-"))
        assert size <= LARGEST, f"examples/deployer.yaml: {size} bytes, and the limit is {LARGEST}"


def check_actions(descriptions, statements):
    """Compares the actions of the policies with those of the schemas."""
    with Path(__file__).with_name("deployer.toml").open("rb") as file:
        lists = tomllib.load(file)
    granted = {action for statement in statements for action in as_list(statement["Action"])}
    needed = set().union(*(handled(kind) for kind in {each["Type"] for each in descriptions.values()}))
    left_out = [pattern for entry in lists["left_out"] for pattern in entry["actions"]]
    besides = [pattern for entry in lists["besides"] for pattern in entry["actions"]]
    set_here = {name for each in descriptions.values() for name in names(each.get("Properties", {}))}
    faults = [f"nothing allows {each}" for each in needed - granted if not fits(each, left_out)]
    faults += [f"nothing needs {each}" for each in granted - needed if not fits(each, besides)]
    faults += [f"{each} is left out, and allowed" for each in granted if fits(each, left_out)]
    faults += [f"{each} leaves nothing out" for each in left_out if not any(fits(one, [each]) for one in needed)]
    faults += [f"{each} adds nothing" for each in besides if not any(fits(one, [each]) for one in granted - needed)]
    for entry in lists["left_out"]:
        faults += [f"the template sets {each}" for each in entry["properties"] if each in set_here]
    assert not faults, "examples/deployer.yaml and deployer.toml:\n" + "\n".join(sorted(faults))


def check_places(deployed, statements):
    """Fails if the policies do not allow a resource of the stack, or allow the same one of another stack."""
    for kind, (action, form) in PLACES.items():
        for physical in deployed.of_type(kind).values():
            for name, is_own in ((physical, True), (physical.replace(deployed.name, "foreign", 1), False)):
                arn = "arn:aws:" + form.format(place=f"{REGION}:{ACCOUNT}", account=ACCOUNT, id=name)
                assert allows(statements, action, arn) == is_own, f"{action} on {arn}"
    for secret in deployed.of_type("AWS::SecretsManager::Secret"):
        arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{secret}-0123456789ab-012345"
        assert allows(statements, "secretsmanager:CreateSecret", arn), f"secretsmanager:CreateSecret on {arn}"


def allows(statements, action, arn):
    """Returns whether a statement without a condition is about an action on a resource."""
    about = [each for each in statements if action in as_list(each["Action"]) and "Condition" not in each]
    return any(fnmatchcase(arn, resource) for each in about for resource in as_list(each["Resource"]))


def handled(kind):
    """Returns the permissions that CloudFormation may need to make, read, change and remove a resource of a type."""
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema["handlers"]
    verbs = ("create", "read", "update", "delete")
    return {each for verb in verbs for each in handlers.get(verb, {}).get("permissions", [])}


def names(value):
    """Returns the names of all properties, also of inner ones."""
    if isinstance(value, list):
        return {name for each in value for name in names(each)}
    if not isinstance(value, dict):
        return set()
    return set(value) | {name for inner in value.values() for name in names(inner)}


def fits(action, patterns):
    return any(fnmatchcase(action, pattern) for pattern in patterns)
