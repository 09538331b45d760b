"""Which permissions a call to AWS needs: its actions, each on a resource."""

import json
import re

from moto.secretsmanager.models import secretsmanager_backends

from . import reads

# The action on one item of a transaction.
TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


class Unknown(Exception):
    """A call that this test does not recognise."""


class Calls:
    """The calls in one account and region."""

    def __init__(self, account, region):
        self.account, self.region, self.place = account, region, f"{region}:{account}"
        # The stream of each shard iterator.
        self.streams = {}

    def permissions(self, signed, method, path, target, body):
        """Returns the needed permissions. Of each list of alternatives, one action on a resource must be allowed.
        `signed` is the name of the service in the signature.

        Raises `Unknown` for other calls.
        """
        needed = reads.permissions(self.arn, signed, method, path, target, body)
        if needed is not None:
            return needed
        service, _, operation = target.partition(".")
        if signed == "cloudformation":
            raise Unknown(body.decode().partition("&")[0])
        said = json.loads(body) if body else {}
        if service.startswith("DynamoDB_"):
            return [[permission] for permission in self.of_tables(operation, said)]
        if service.startswith("DynamoDBStreams_"):
            return [[(f"dynamodb:{operation}", self.stream(operation, said))]]
        if service == "secretsmanager":
            return self.of_secrets(operation, said)
        if service == "AWSEvents" and operation == "PutEvents":
            buses = {entry.get("EventBusName", "default") for entry in said["Entries"]}
            return [[("events:PutEvents", self.arn("events", f"event-bus/{bus}"))] for bus in buses]
        if service == "AmazonSQS" and operation == "SendMessage":
            return [[("sqs:SendMessage", self.arn("sqs", said["QueueUrl"].split("/")[-1]))]]
        if (method, path) == ("POST", "/v2/email/outbound-emails"):
            return self.of_mail(said)
        raise Unknown(f"{method} {path} {target}")

    def of_secrets(self, operation, said):
        """Returns the permissions for a call to Secrets Manager. Anyone who rotates a secret must be allowed to
        invoke the function that does it."""
        needed = [[(f"secretsmanager:{operation}", said["SecretId"])]]
        if operation == "RotateSecret":
            secret = secretsmanager_backends[self.account][self.region].secrets[said["SecretId"]]
            needed.append([("lambda:InvokeFunction", secret.rotation_lambda_arn)])
        return needed

    def of_tables(self, operation, said):
        """Returns the permissions for a call to DynamoDB."""
        if operation in ("TransactWriteItems", "TransactGetItems"):
            items = [next(iter(item.items())) for item in said["TransactItems"]]
            return [(f"dynamodb:{TRANSACTION[kind]}", self.table(item["TableName"])) for kind, item in items]
        if operation in ("BatchGetItem", "BatchWriteItem"):
            return [(f"dynamodb:{operation}", self.table(name)) for name in said["RequestItems"]]
        if operation not in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "DescribeTable"):
            raise Unknown(operation)
        index = f"/index/{said['IndexName']}" if "IndexName" in said else ""
        return [(f"dynamodb:{operation}", self.table(said["TableName"]) + index)]

    def of_mail(self, said):
        """Returns the permissions to send a mail: on the sender's domain or address, and on the configuration set."""
        sender = re.search(r"[^<>\s]+@([^<>\s]+)", said["FromEmailAddress"])
        identities = [self.arn("ses", f"identity/{name}") for name in (sender[1], sender[0])]
        needed = [[("ses:SendEmail", identity) for identity in identities]]
        if "ConfigurationSetName" in said:
            needed.append([("ses:SendEmail", self.arn("ses", f"configuration-set/{said['ConfigurationSetName']}"))])
        return needed

    def stream(self, operation, said):
        """Returns the ARN of the stream of a call."""
        if operation == "ListStreams":
            return "*"
        return said.get("StreamArn") or self.streams[said["ShardIterator"]]

    def remember(self, target, body, answer):
        """Remembers the stream of a new shard iterator."""
        if not target.startswith("DynamoDBStreams_"):
            return
        said, answered = json.loads(body), json.loads(answer)
        iterator = answered.get("ShardIterator") or answered.get("NextShardIterator")
        if iterator:
            self.streams[iterator] = said.get("StreamArn") or self.streams[said["ShardIterator"]]

    def table(self, name):
        return name if name.startswith("arn:") else self.arn("dynamodb", f"table/{name}")

    def arn(self, service, rest):
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"
