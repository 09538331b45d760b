"""AWS on this machine: moto's server with what it lacks, and the proxy that refuses what is not granted."""

import os

import boto3
from moto.server import ThreadedMotoServer

from . import stacks, template
from .calls import Calls
from .engine import Engine
from .functions import Functions
from .logs import Logs
from .permissions import may_invoke
from .proxy import Proxy
from .roles import Roles
from .rotation import Rotations
from .tables import Table

ACCOUNT, REGION = "123456789012", "eu-west-1"


def isolate():
    """Removes all that could lead to a real account from the environment of this process and of its commands."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    own = {"AWS_ACCESS_KEY_ID": "OPERATOR", "AWS_SECRET_ACCESS_KEY": "example", "AWS_DEFAULT_REGION": REGION}
    os.environ.update({**nothing, **own, "AWS_EC2_METADATA_DISABLED": "true", "no_proxy": "127.0.0.1"})


class Cloud:
    """An account in a region. `url` is for operators and functions alike."""

    def __init__(self, binaries, engine, log, region=REGION):
        isolate()
        stacks.install()
        self.region = region
        self.engine = Engine(engine, log)
        Table.clients[region] = self.engine.client
        self.server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self.server.start()
        port = self.server.get_host_and_port()[1]
        self.roles = Roles(ACCOUNT)
        self.proxy = Proxy(port, self.engine, self.roles, Calls(ACCOUNT, region))
        self.url = self.proxy.url
        self.logs = Logs(ACCOUNT, region, log)
        self.functions = Functions(binaries, self.url, self.roles, ACCOUNT, region, log, self.logs)
        self.rotations = Rotations(self.functions, may_invoke)
        self.clients, self.changes, self.uploaded = {}, 0, None
        self.engine.wait()
        self.make_bucket()

    def make_bucket(self):
        """Makes the bucket for the code, unless another region of the account has made it."""
        store = self.client("s3")
        if template.BUCKET not in [bucket["Name"] for bucket in store.list_buckets()["Buckets"]]:
            location = {"LocationConstraint": self.region}
            store.create_bucket(Bucket=template.BUCKET, CreateBucketConfiguration=location)

    def environment(self):
        """Returns the environment of commands. The AWS CLI reads another variable for the region than the SDKs do."""
        region = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        return {"AWS_ENDPOINT_URL": self.url, "AWS_PAGER": "", **region}

    def client(self, service, key="OPERATOR"):
        """Returns a client of a service for an operator, or for the role with this access key id."""
        if (service, key) not in self.clients:
            self.clients[service, key] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=self.region,
                aws_access_key_id=key,
                aws_secret_access_key="example",
            )
        return self.clients[service, key]

    def deploy(self, text, stack, **values):
        """Deploys a template with a change set, as `sam deploy` and `aws cloudformation deploy` do."""
        self.upload(text)
        formation, self.changes = self.client("cloudformation"), self.changes + 1
        known = [each["StackName"] for each in formation.list_stacks()["StackSummaries"] if is_there(each)]
        name = f"change-{self.changes}"
        formation.create_change_set(
            StackName=stack,
            ChangeSetName=name,
            ChangeSetType="UPDATE" if stack in known else "CREATE",
            TemplateURL=f"https://s3.{self.region}.amazonaws.com/{template.BUCKET}/template.yaml",
            Parameters=[{"ParameterKey": key, "ParameterValue": str(value)} for key, value in values.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        formation.execute_change_set(StackName=stack, ChangeSetName=name)
        return self.deployed(stack)

    def deployed(self, stack):
        """Returns a stack as it is now."""
        return Deployed(self, stack)

    def upload(self, text):
        """Uploads the packaged template, and what stands for the code of each function. Does so once for each text."""
        if text == self.uploaded:
            return
        store, self.uploaded = self.client("s3"), text
        for binary in template.binaries(text):
            store.put_object(Bucket=template.BUCKET, Key=binary, Body=b"the place of the code")
        store.put_object(Bucket=template.BUCKET, Key="template.yaml", Body=template.packaged(text).encode())

    def protects(self, stack, logical_id):
        """Returns whether a table is protected against deletion."""
        return stacks.resource(ACCOUNT, self.region, stack, logical_id).deletion_protection_enabled

    def stop(self):
        self.functions.stop()
        self.engine.stop()
        self.server.stop()


class Deployed:
    """A stack after a deployment."""

    def __init__(self, cloud, name):
        self.cloud, self.name = cloud, name
        formation = cloud.client("cloudformation")
        self.described = formation.describe_stacks(StackName=name)["Stacks"][0]
        self.status = self.described["StackStatus"]
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in self.described.get("Outputs", [])}
        self.events = formation.describe_stack_events(StackName=name)["StackEvents"]
        resources = formation.describe_stack_resources(StackName=name)["StackResources"]
        self.resources = {each["LogicalResourceId"]: each for each in resources}

    def id(self, logical_id):
        """Returns the physical id of a resource."""
        return self.resources[logical_id]["PhysicalResourceId"]

    def of_type(self, kind):
        """Returns the physical ids of the resources of a type, by logical id."""
        found = ((name, each) for name, each in self.resources.items() if each["ResourceType"] == kind)
        return {name: each["PhysicalResourceId"] for name, each in found}

    def function(self, logical_id):
        """Returns the ARN of a function."""
        return f"arn:aws:lambda:{self.cloud.region}:{ACCOUNT}:function:{self.id(logical_id)}"

    def require(self, status):
        """Fails if the stack has another status. The message has the reasons that CloudFormation gives."""
        if self.status != status:
            reasons = [each.get("ResourceStatusReason") for each in self.events]
            raise AssertionError(f"{self.name}: {self.status}, expected {status}: {[each for each in reasons if each]}")
        return self


def is_there(stack):
    """Returns whether a stack exists and can be updated."""
    return not stack["StackStatus"].startswith(("DELETE", "ROLLBACK"))
