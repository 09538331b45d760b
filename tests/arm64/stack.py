"""What `template.yaml` declares, made in moto: tables and secrets, and the environment of each function."""

import base64
import re

import boto3
import yaml

REGION, ACCOUNT = "eu-west-1", "123456789012"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}
NO_VALUE = object()


class _Loader(yaml.SafeLoader):
    pass


def _long_form(loader, tag, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _long_form)


def load(path):
    """Reads a template, with each short form such as `!Ref X` as `{"Ref": "X"}`."""
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, _Loader)  # noqa: S506, a subclass of SafeLoader


class Stack:
    """The tables and secrets of the template in moto, with these parameters."""

    def __init__(self, template, endpoint, parameters):
        self.template = template
        self.endpoint = endpoint
        self._names = {}
        declared = template["Parameters"]
        self._parameters = {name: parameters.get(name, value.get("Default", "")) for name, value in declared.items()}
        session = boto3.Session("test", "test", region_name=REGION)
        self.dynamodb = session.client("dynamodb", endpoint_url=endpoint)
        self.secrets = session.client("secretsmanager", endpoint_url=endpoint)
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::DynamoDB::Table":
                self._make_table(name, self._resolve(resource["Properties"]))
            elif resource["Type"] == "AWS::SecretsManager::Secret":
                self._make_secret(name, resource["Properties"])

    def functions(self):
        """Returns for each function of the template the environment and the timeout in seconds."""
        shared = self.template["Globals"]["Function"]
        made = {}
        for resource in self.template["Resources"].values():
            if resource["Type"] != "AWS::Serverless::Function":
                continue
            name = resource["Metadata"]["BuildProperties"]["Binary"]
            own = resource["Properties"].get("Environment", {}).get("Variables", {})
            variables = self._resolve({**shared["Environment"]["Variables"], **own})
            environment = {name: _text(value) for name, value in variables.items()}
            made[name] = (environment, resource["Properties"].get("Timeout", shared["Timeout"]))
        return made

    def arn(self, secret):
        return self._names[secret]

    def items(self, table):
        """Returns all items of a table, in the form that they have in a stream."""
        return _as_in_a_stream(self.dynamodb.scan(TableName=self._names[table])["Items"])

    def forget_mails(self):
        """Removes what is known about requested mails, so that the next request of the same person need not wait."""
        for item in self.dynamodb.scan(TableName=self._names["MailTable"])["Items"]:
            self.dynamodb.delete_item(TableName=self._names["MailTable"], Key={"key": item["key"]})

    def _make_table(self, name, properties):
        keys = {"AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes"}
        wanted = {key: value for key, value in properties.items() if key in keys}
        self.dynamodb.create_table(TableName=name, **wanted)
        self._names[name] = name

    def _make_secret(self, name, properties):
        text = properties.get("SecretString")
        if text is None:
            wanted = properties["GenerateSecretString"]
            key = "0123456789abcdef" * 4
            text = '{"current":"%s"}' % key if "GenerateStringKey" in wanted else key
        self._names[name] = self.secrets.create_secret(Name=name, SecretString=text)["ARN"]

    def _resolve(self, value):
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (key, inner), = value.items()
            if key == "Ref" or key.startswith("Fn::"):
                return self._intrinsic(key, inner)
        resolved = {key: self._resolve(inner) for key, inner in value.items()}
        return {key: inner for key, inner in resolved.items() if inner is not NO_VALUE}

    def _intrinsic(self, key, inner):
        if key == "Ref":
            return self._reference(inner)
        if key == "Fn::If":
            return self._resolve(inner[1] if self._holds(inner[0]) else inner[2])
        if key == "Fn::Join":
            values = self._resolve(inner[1])
            return inner[0].join(map(_text, values if isinstance(values, list) else [values]))
        if key == "Fn::Sub" and isinstance(inner, str):
            return re.sub(r"\$\{([^}!]+)\}", lambda found: _text(self._reference(found[1])), inner)
        return f"{key}-{inner}"

    def _reference(self, name):
        pseudo = {"AWS::StackName": "gatehouse", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT,
                  "AWS::NoValue": NO_VALUE}
        if name in pseudo:
            return pseudo[name]
        return self._parameters.get(name, self._names.get(name, name))

    def _holds(self, condition):
        if isinstance(condition, str):
            return self._holds(self.template["Conditions"][condition])
        (key, inner), = condition.items()
        if key == "Condition":
            return self._holds(inner)
        if key == "Fn::Equals":
            left, right = map(self._resolve, inner)
            return _text(left) == _text(right)
        held = [self._holds(part) for part in inner]
        return {"Fn::Not": not held[0], "Fn::And": all(held), "Fn::Or": any(held)}[key]


def _as_in_a_stream(value):
    if isinstance(value, dict):
        return {key: _as_in_a_stream(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_in_a_stream(inner) for inner in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _text(value):
    return ",".join(map(_text, value)) if isinstance(value, list) else str(value)
