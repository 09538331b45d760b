"""The types that moto's CloudFormation lacks, except those of API Gateway."""

import json
from uuid import uuid4

from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.iam.models import Role, iam_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.secretsmanager.utils import random_password
from moto.ssm.models import Parameter

from .stand_in import StandIn

# The permissions to invoke functions, and the mappings of streams to functions.
PERMISSIONS, MAPPINGS = [], []


class Secret(StandIn):
    """A secret, with the given text or a random one."""

    types = ("AWS::SecretsManager::Secret",)

    def make(self):
        made = self.service(secretsmanager_backends).create_secret(
            name=self.properties.get("Name", self.name),
            secret_string=self.text(),
            secret_binary=None,
            description=self.properties.get("Description"),
            tags=None,
            kms_key_id=None,
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
        self.reference = json.loads(made)["ARN"]
        self.attributes = {"Id": self.reference}

    def adopt(self, identifier):
        self.reference = self.service(secretsmanager_backends).describe_secret(identifier["Id"]).arn
        self.attributes = {"Id": self.reference}

    def text(self):
        """Returns the first text of the secret."""
        generated = self.properties.get("GenerateSecretString")
        if generated is None:
            return self.properties["SecretString"]
        punctuation = bool(generated.get("ExcludePunctuation"))
        length = int(generated.get("PasswordLength", 32))
        password = random_password(length, "", False, punctuation, False, False, False, True)
        if "GenerateStringKey" not in generated:
            return password
        return json.dumps({**json.loads(generated["SecretStringTemplate"]), generated["GenerateStringKey"]: password})

    def change(self, properties):
        """Changes the secret. As at AWS, it gets another text if what the text is made from has changed."""
        before, self.properties = self.properties, properties
        if any(before.get(name) != properties.get(name) for name in ("SecretString", "GenerateSecretString")):
            backend = self.service(secretsmanager_backends)
            backend.put_secret_value(self.reference, self.text(), None, str(uuid4()), ["AWSCURRENT"])

    def remove(self):
        self.service(secretsmanager_backends).delete_secret(self.reference, None, True)


class RotationSchedule(StandIn):
    """A schedule, which rotates its secret at once."""

    types = ("AWS::SecretsManager::RotationSchedule",)

    def make(self):
        self.reference = self.properties["SecretId"]
        self.service(secretsmanager_backends).rotate_secret(
            self.reference,
            rotation_lambda_arn=self.properties["RotationLambdaARN"],
            rotation_rules={"AutomaticallyAfterDays": int(self.properties["RotationRules"]["AutomaticallyAfterDays"])},
        )


class BucketPolicy(StandIn):
    """The policy of the bucket that the SAM CLI makes for the code. It is not applied, because moto ignores conditions,
    and this policy refuses calls without TLS."""

    types = ("AWS::S3::BucketPolicy",)

    def make(self):
        self.reference = self.properties["Bucket"]


class Permission(StandIn):
    """A permission to invoke a function, or an alias of one."""

    types = ("AWS::Lambda::Permission",)

    def make(self):
        PERMISSIONS.append(self)

    def remove(self):
        PERMISSIONS.remove(self)


class Version(StandIn):
    """A version of a function."""

    types = ("AWS::Lambda::Version",)

    def make(self):
        published = self.service(lambda_backends).publish_version(self.properties["FunctionName"])
        self.reference = published.function_arn
        self.attributes = {"Version": str(published.version), "FunctionArn": published.function_arn}

    def change(self, properties):
        self.properties = properties


class Alias(StandIn):
    """An alias of a function."""

    types = ("AWS::Lambda::Alias",)

    def make(self):
        functions = self.service(lambda_backends)
        function, name, version = (self.properties[key] for key in ("FunctionName", "Name", "FunctionVersion"))
        made = functions.create_alias(name, function, version, "", None)
        self.reference = made.arn
        self.attributes = {"AliasArn": made.arn}

    def remove(self):
        self.service(lambda_backends).delete_alias(self.properties["Name"], self.properties["FunctionName"])


class EventSourceMapping(StandIn):
    """The mapping of a stream to a function. `streams.py` hands over the records, in place of Lambda."""

    types = ("AWS::Lambda::EventSourceMapping",)

    def make(self):
        self.reference = str(uuid4())
        MAPPINGS.append(self)

    def change(self, properties):
        self.properties = properties

    def remove(self):
        MAPPINGS.remove(self)


class ManagedPolicy(StandIn):
    """A managed policy, which moto cannot change."""

    types = ("AWS::IAM::ManagedPolicy",)

    def make(self):
        made = self.backend.create_policy(None, "/", self.document(), f"{self.name}-{uuid4().hex[:12]}", {})
        self.reference = made.arn
        self.attributes = {"PolicyArn": made.arn}

    def change(self, properties):
        self.properties = properties
        for version in self.backend.managed_policies[self.reference].versions[:-1]:
            self.backend.delete_policy_version(self.reference, version.version_id)
        self.backend.create_policy_version(self.reference, self.document(), "true")

    def remove(self):
        self.backend.delete_policy(self.reference)

    def document(self):
        return json.dumps(self.properties["PolicyDocument"])

    @property
    def backend(self):
        return iam_backends[self.account]["aws"]


class Named(StandIn):
    """A resource that no part of the test uses. Its reference is its name."""

    types = (
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentConfig",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::Logs::MetricFilter",
        "AWS::Logs::QueryDefinition",
        "AWS::SES::ConfigurationSet",
        "AWS::SES::ConfigurationSetEventDestination",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
    )
    names = ("AlarmName", "ApplicationName", "DeploymentGroupName", "DashboardName", "Name")

    def make(self):
        self.reference = next((self.properties[name] for name in self.names if name in self.properties), self.name)
        kind = "alarm" if "Alarm" in self.type else self.type.split("::")[-1].lower()
        self.attributes = {"Arn": self.arn(self.type.split("::")[1].lower(), f"{kind}:{self.reference}")}


def give_parameters_a_value():
    """Adds the attribute of SSM parameters that moto lacks."""
    Parameter.get_cfn_attribute = lambda parameter, _name: parameter.value


def keep_log_groups():
    """Makes moto keep the log group of a function, which it leaves out."""
    create = LambdaFunction.create_from_cloudformation_json

    def create_function(name, resource, account, region, **details):
        function = create(name, resource, account, region, **details)
        function.logging_config = resource["Properties"].get("LoggingConfig")
        return function

    LambdaFunction.create_from_cloudformation_json = staticmethod(create_function)


def attach_managed_policies():
    """Makes moto attach a role's managed policies, which its CloudFormation leaves out, also when they change."""
    create = Role.create_from_cloudformation_json

    def attach(role, properties, account):
        for arn in properties.get("ManagedPolicyArns", []):
            if arn not in role.managed_policies:
                iam_backends[account]["aws"].attach_role_policy(arn, role.name)
        return role

    def create_role(name, resource, account, region, **details):
        return attach(create(name, resource, account, region, **details), resource["Properties"], account)

    def change_role(original_resource, cloudformation_json, account_id, **_details):
        for policy in cloudformation_json["Properties"].get("Policies", []):
            original_resource.put_policy(policy["PolicyName"], policy["PolicyDocument"])
        return attach(original_resource, cloudformation_json["Properties"], account_id)

    Role.create_from_cloudformation_json = staticmethod(create_role)
    Role.update_from_cloudformation_json = staticmethod(change_role)


def detach_managed_policies(resource):
    """Detaches all managed policies of a role, as CloudFormation does before it deletes one."""
    for arn in list(resource.managed_policies) if isinstance(resource, Role) else []:
        iam_backends[resource.account_id]["aws"].detach_role_policy(arn, resource.name)
