"""Prints the CloudFormation template that AWS makes of a SAM template: transform.py TEMPLATE [NAME=VALUE...]."""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class Policies:
    """The managed policies that the templates use."""

    def load(self):
        return {}


with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file.read())
values = dict(argument.split("=", 1) for argument in sys.argv[2:])
defaults = {name: declared.get("Default") for name, declared in template.get("Parameters", {}).items()}
missing = [name for name, value in {**defaults, **values}.items() if value is None]
if missing:
    sys.exit(f"no value for {missing}")
print(json.dumps({"values": {**defaults, **values}, "template": transform(template, values, Policies())}))
