"""What holds for a deployed stack, whatever its paths do."""

from botocore.exceptions import ClientError

from . import stacks
from .cloud import ACCOUNT, REGION
from .resources import MAPPINGS


def check(cloud, deployed):
    """Fails if a stack does not hold what others rely on."""
    authorizer = deployed.outputs["AuthorizerArn"]
    parameter = cloud.client("ssm").get_parameter(Name=f"/{deployed.name}/authorizer-arn")["Parameter"]
    exports = {each["Name"]: each["Value"] for each in cloud.client("cloudformation").list_exports()["Exports"]}
    assert parameter["Value"] == authorizer, "the SSM parameter names another authorizer than the output"
    assert exports[f"{deployed.name}-AuthorizerArn"] == authorizer, "the export is not the output"
    assert len(authorizer.split(":")) == 8, f"{authorizer} is no alias"
    (api_id,) = deployed.of_type("AWS::ApiGatewayV2::Api").values()
    apis = cloud.client("apigatewayv2")
    settings = apis.get_stage(ApiId=api_id, StageName="$default")["DefaultRouteSettings"]
    assert settings["DetailedMetricsEnabled"], "the routes have no metrics of their own"
    assert settings["ThrottlingRateLimit"] and settings["ThrottlingBurstLimit"], "the routes have no limits"


def check_order(cloud, deployed):
    """Fails if an update may change a function that writes the feed before the authorizers that read it."""
    described, roles = stacks.descriptions(ACCOUNT, REGION, deployed.name), cloud.roles
    feed = f"table/{deployed.id('AuthorizerFeed')}"
    readers = set(deployed.of_type("AWS::Lambda::Alias"))
    for logical in deployed.of_type("AWS::Lambda::Function"):
        grants = roles.grants(cloud.functions.role(deployed.function(logical)))
        if any(action == "dynamodb:PutItem" and resource.endswith(feed) for action, resource in grants):
            assert readers <= stacks.needs(described, logical), f"an update may change {logical} before the authorizer"


def check_proxy(cloud, deployed):
    """Fails if the proxy lets a role do what is not granted."""
    key = cloud.roles.key_id(cloud.functions.role(deployed.function("JwksFunction")))
    try:
        cloud.client("dynamodb", key).scan(TableName=deployed.id("UsersTable"))
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
        assert cloud.proxy.denied.pop().endswith(deployed.id("UsersTable"))
        return
    raise AssertionError("the proxy refuses nothing")


def check_streams(cloud):
    """Fails if a function may read the stream of a table that is not its own, or not its own stream."""
    roles, streams = cloud.roles, {}
    for mapping in MAPPINGS:
        streams.setdefault(mapping.properties["FunctionName"], set()).add(mapping.properties["EventSourceArn"])
    foreign = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/other/stream/2026-01-01T00:00:00.000"
    every = set().union({foreign}, *streams.values())
    for function, own in streams.items():
        role = cloud.functions.role(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}")
        for stream in every:
            for action in ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"):
                assert roles.permits(role, action, stream) == (stream in own), f"{function}: {action} on {stream}"
