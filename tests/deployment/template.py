"""Reads a SAM template, packages it as `sam package` does, and transforms it as AWS does."""

import json

import yaml
from samtranslator.translator.transform import transform as translate
from samtranslator.yaml_helper import yaml_parse

BUCKET = "gatehouse-code"


class ManagedPolicies:
    """The managed policies that a template may name without an ARN. This template names none."""

    def load(self):
        return {}


def parse(text):
    """Returns the template in the long form of intrinsic functions, such as `Fn::If`."""
    return yaml_parse(text)


def packaged(text):
    """Returns the text of the template with the place of each function's code. The name of the code is the binary's."""
    body = parse(text)
    body.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    for resource in body["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = resource["Metadata"]["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = f"s3://{BUCKET}/{binary}"
    return yaml.safe_dump(json.loads(json.dumps(body)), sort_keys=False)


def binaries(text):
    """Returns the names of the binaries of all functions."""
    functions = (each for each in parse(text)["Resources"].values() if each["Type"] == "AWS::Serverless::Function")
    return [function["Metadata"]["BuildProperties"]["Binary"] for function in functions]


def transform(body, values):
    """Returns the text of the transformed template. Macros get lists of values as lists."""
    declared = body.get("Parameters", {})
    given = {
        name: value.split(",") if declared[name]["Type"] == "CommaDelimitedList" else value
        for name, value in {**{n: str(d["Default"]) for n, d in declared.items() if "Default" in d}, **values}.items()
    }
    if "Transform" not in body:
        return json.dumps(body)
    translated = translate(json.loads(json.dumps(body)), given, ManagedPolicies())
    translated.pop("Transform", None)
    return json.dumps(translated)
