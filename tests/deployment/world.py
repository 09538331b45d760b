"""A deployed stack, and what happens to it: requests, letters, scheduled runs."""

import json

from .cloud import ACCOUNT
from .codes import letter_of
from .gateway import Gateway
from .permissions import may_invoke

PASSWORD, NEXT = "correct horse battery staple", "another horse battery staple"


class World:
    """A stack with its API, its streams and its letters."""

    def __init__(self, cloud_, deployed, streams, headers=None):
        self.cloud, self.deployed, self.streams = cloud_, deployed, streams
        (api_id,) = deployed.of_type("AWS::ApiGatewayV2::Api").values()
        apis = cloud_.client("apigatewayv2")
        self.gateway = Gateway(apis, api_id, cloud_.functions, cloud_.region, ACCOUNT)
        self.headers = headers or {}
        self.issuer = self.get("/.well-known/openid-configuration").expect(200).json["issuer"]

    def get(self, path, bearer=None):
        return self.send("GET", path, bearer=bearer)

    def post(self, path, body, bearer=None):
        return self.send("POST", path, body, bearer)

    def send(self, method, path, body=None, bearer=None):
        return self.gateway.send(method, path, body, bearer, self.headers)

    def login(self, email, password=PASSWORD, **more):
        """Returns the answer to a login."""
        return self.post("/auth/login", {"email": email, "password": password, **more})

    def run(self, function):
        """Runs a function as its schedule does."""
        rules = self.cloud.client("events").list_rules()["Rules"]
        arn = self.deployed.function(function)
        for rule in rules:
            targets = self.cloud.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
            for target in (each for each in targets if each["Arn"] == arn):
                if not may_invoke(arn, "events.amazonaws.com", rule["Arn"]):
                    raise AssertionError(f"EventBridge may not invoke {function}")
                event = {"source": "aws.events", "detail-type": "Scheduled Event"}
                return self.cloud.functions.invoke(arn, json.loads(target["Input"]) if target.get("Input") else event)
        raise AssertionError(f"no schedule runs {function}")

    def letters(self, to):
        """Returns the letters to an address that were sent since the last call, the oldest first."""
        sent = self.cloud.proxy.sent
        sent.clear()
        self.streams.pump()
        return [letter for each in sent for letter in letter_of(each) if letter.to == to]

    def letter(self, to):
        """Returns the last letter to an address."""
        letters = self.letters(to)
        if not letters:
            raise AssertionError("no letter was sent")
        return letters[-1]

    def table(self, logical_id):
        """Returns the items of a table, read by an operator."""
        name = self.deployed.id(logical_id)
        return self.cloud.client("dynamodb").scan(TableName=name)["Items"]
