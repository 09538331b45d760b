"""Deployments that fail: nothing may be left behind. And what must not be lost stays when a stack is deleted."""

import tempfile
from pathlib import Path

from . import page, stacks

# One resource of each kind that others depend on, and one that nothing depends on.
FAILING = ("LoginFunction", "UsersTable", "AccessKeysSchedule", "LoginLogGroup", "AuthorizerFunction", "Api")


def run(cloud, page_text, text, say):
    """Fails at several resources, then deletes a whole stack and looks at what stays."""
    before = everything(cloud)
    for name in FAILING:
        # In a new account, this reservation is what fails.
        reservation = {"LoginConcurrency": 20} if name == "LoginFunction" else {}
        stacks.FAILING.update({name} if not reservation else ())
        values = {"MailVia": "event", "MailFrom": "a@example.com", "DeletionDays": 1, "Pages": "on", **reservation}
        failed = deploy(cloud, text, "failed", **values)
        stacks.FAILING.clear()
        failed.require("ROLLBACK_COMPLETE")
        reasons = [each.get("ResourceStatusReason", "") for each in failed.events]
        assert any(name in reason for reason in reasons), f"{name}: the events do not say why: {reasons}"
        cloud.client("cloudformation").delete_stack(StackName="failed")
        cloud.rotations.forget()
        left = everything(cloud) - before
        assert not left, f"after {name} has failed, these are left: {sorted(left)}"
    say(f"{len(FAILING)} failed deployments left nothing behind")
    protected(cloud, page.parameters(page_text, "Protection"), text, say)


def protected(cloud, protection, text, say):
    """Protects the tables, as `docs/deploy.md` says, and deletes the stack: the tables and the factor key stay."""
    before = everything(cloud)
    deploy(cloud, text, "deleted").require("CREATE_COMPLETE")
    cloud.rotations.wait()
    deployed = deploy(cloud, text, "deleted", **protection).require("UPDATE_COMPLETE")
    tables = deployed.of_type("AWS::DynamoDB::Table")
    unprotected = {name for name in tables if not cloud.protects("deleted", name)}
    assert unprotected == {"AttemptsTable"}, f"these tables are not protected: {unprotected}"
    kept_ids, key = kept(deployed), deployed.id("FactorKey")
    secrets, user = cloud.client("secretsmanager"), {"user_id": {"S": "somebody"}}
    value = secrets.get_secret_value(SecretId=key)["SecretString"]
    cloud.client("dynamodb").put_item(TableName=deployed.id("UsersTable"), Item=user)
    cloud.client("cloudformation").delete_stack(StackName="deleted")
    left = everything(cloud) - before
    assert left == kept_ids, f"after a deletion, {sorted(left ^ kept_ids)} is left or missing"
    say(f"a deleted stack left {len(kept_ids)} resources, which must not be lost")
    taken = take_over(cloud, text, key)
    assert kept(taken) == kept_ids, f"the new stack has other resources: {sorted(kept(taken) ^ kept_ids)}"
    assert cloud.client("dynamodb").scan(TableName=taken.id("UsersTable"))["Items"] == [user], "the users are lost"
    assert secrets.get_secret_value(SecretId=key)["SecretString"] == value, "the factor key is another one"
    say(f"docs/day-two.md: a new stack took {len(kept_ids)} resources over")


def put_back(cloud, deployed, say):
    """Follows `docs/day-two.md` to put only the authorizer back, after an update of it."""
    functions, name = cloud.client("lambda"), deployed.id("AuthorizerFunction")
    before = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    # Without a change there is no new version.
    functions.update_function_configuration(FunctionName=name, Description="newer")
    newer = functions.publish_version(FunctionName=name)["Version"]
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=newer)
    (commands,) = page.blocks(Path("docs/day-two.md").read_text(), "Go back")
    commands = commands.replace("gatehouse", deployed.name).replace("<the version before>", before)
    shown = page.run(commands, cloud.environment(), [])
    decides = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    assert newer != before and decides == before and newer in shown, f"{newer}, {before}, {decides}: {shown}"
    say(f"docs/day-two.md: version {before} of the authorizer decides again, in place of {newer}")


def take_over(cloud, text, key):
    """Takes over what the deleted stack left, and deploys the rest of the stack."""
    import_tables(cloud, "deleted", key)
    taken = deploy(cloud, text, "deleted").require("UPDATE_COMPLETE")
    cloud.rotations.wait()
    return taken


def import_tables(cloud, stack, key):
    """Follows `docs/day-two.md` to make a stack of the tables and the factor key that are there."""
    (commands,) = page.blocks(Path("docs/day-two.md").read_text(), "Take tables over")
    examples = Path("examples").resolve()
    commands = commands.replace("gatehouse", stack).replace("examples/", f"{examples}/")
    with tempfile.TemporaryDirectory(prefix="take-over-") as folder:
        page.run(f"cd {folder}\n{commands}", {**cloud.environment(), "factor_key": key}, [])


def kept(deployed):
    """Returns the physical ids of what stays when the stack is deleted: the tables but those of counters, and a key."""
    lost = ("AttemptsTable", "MailTable")
    tables = deployed.of_type("AWS::DynamoDB::Table")
    return {each for name, each in tables.items() if name not in lost} | {deployed.id("FactorKey")}


def deploy(cloud, text, stack, **values):
    from .scenario import issuer

    return cloud.deploy(text, stack, Audience="dashboard", **issuer(text), **values)


def everything(cloud):
    """Returns the names of all that is in the account, of the kinds that stacks have."""
    found = set(cloud.client("dynamodb").list_tables()["TableNames"])
    found |= {policy["Arn"] for policy in cloud.client("iam").list_policies(Scope="Local")["Policies"]}
    listed = (
        ("secretsmanager", "list_secrets", "SecretList", "ARN"),
        ("lambda", "list_functions", "Functions", "FunctionArn"),
        ("iam", "list_roles", "Roles", "Arn"),
        ("logs", "describe_log_groups", "logGroups", "logGroupName"),
        ("ssm", "describe_parameters", "Parameters", "Name"),
        ("apigatewayv2", "get_apis", "Items", "ApiId"),
        ("events", "list_rules", "Rules", "Arn"),
        ("sqs", "list_queues", "QueueUrls", None),
        ("cloudformation", "list_exports", "Exports", "Name"),
    )
    for service, operation, key, name in listed:
        client = cloud.client(service)
        pages = client.get_paginator(operation).paginate() if client.can_paginate(operation) else None
        for page in pages or [getattr(client, operation)()]:
            found.update(each[name] if name else each for each in page.get(key, []))
    return found
