"""Restores the users of a stack from a backup, as `docs/restored-table.md` says, and repairs what that undoes."""

import re
from pathlib import Path

from . import page, stacks
from .cloud import ACCOUNT
from .paths.people import ENDS, OPERATOR, READER
from .person import Person
from .world import PASSWORD

LILY, DAMAGED = "lily@example.com", "damaged-users"


def run(world, values, text, say):
    """`values` are the parameters of the stack."""
    cloud, operator = world.cloud, Person(world, "restorer", [READER, OPERATOR])
    dynamodb, users = cloud.client("dynamodb"), world.deployed.id("UsersTable")
    step = steps(Path("docs/restored-table.md").read_text())
    add(operator, world)
    tokens = world.login(LILY).expect(200).json
    good = dynamodb.create_backup(TableName=users, BackupName="good")["BackupDetails"]["BackupArn"]
    operator.run("user", "disable", LILY, *ENDS)
    world.login(LILY).expect(401, "invalid_grant")

    follow(cloud, step[2].replace("gatehouse-users", users).replace("<the good one>", good))
    # As the page says: the disabled user is enabled, and the session that was ended is alive.
    world.login(LILY).expect(200)
    tokens = world.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).expect(200).json
    learn_the_stream(world, values, text)
    operator.run("key", "retire", "refresh", "--all", *ENDS)
    cloud.functions.stop()
    world.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).expect(401, "invalid_grant")
    damaged = next(arn for arn in cloud.proxy.backups.saved if arn.endswith("-damaged"))
    dynamodb.restore_table_from_backup(TargetTableName=DAMAGED, BackupArn=damaged)
    listed = step[4].replace("<its name>", DAMAGED).replace("authctl", f"authctl --stack {world.deployed.name}")
    (line,) = (line for line in follow(cloud, listed).splitlines() if LILY in line)
    assert "disabled" in line, line
    operator.run("user", "disable", LILY, *ENDS)
    world.login(LILY).expect(401, "invalid_grant")
    dynamodb.delete_table(TableName=DAMAGED)
    assert users in cloud.proxy.backups.protected & cloud.proxy.backups.recoverable, "the table is not protected"
    say("docs/restored-table.md: users from a backup, and what it undoes")


def add(operator, world):
    """Adds the user whom the backup brings back."""
    operator.run("user", "add", LILY, "--role", "analyst", "--password-stdin", typed=f"{PASSWORD}\n")
    world.streams.pump()


def learn_the_stream(world, values, text):
    """Deploys without the stream, and then with it. The events about users then come from the restored table."""
    cloud, stack = world.cloud, world.deployed.name
    name, before = world.deployed.id("UsersTable"), stream(world)
    cloud.deploy(text, stack, **{**values, "EventBus": ""}).require("UPDATE_COMPLETE")
    cloud.deploy(text, stack, **values).require("UPDATE_COMPLETE")
    now = stream(world)
    assert now != before and f"table/{name}/" in now, f"{before}, {now}"
    world.streams.pump()
    Person(world, "clerk", [READER, OPERATOR]).run("user", "set-role", LILY, "reader")
    assert world.streams.pump(), "no event comes from the restored table"


def stream(world):
    """Returns the name of the stream that the stack follows."""
    return stacks.resource(ACCOUNT, world.cloud.region, world.deployed.name, "UsersTable").attributes["StreamArn"]


def steps(text):
    """Returns the commands of each numbered step."""
    found = re.findall(r"^(\d)\. (.*?)(?=^\d\. |\Z)", text, re.MULTILINE | re.DOTALL)
    block = re.compile(r"^   ```\n(.*?)^   ```$", re.MULTILINE | re.DOTALL)
    return {int(number): "\n".join(block.findall(step)) for number, step in found}


def follow(cloud, commands):
    return page.run(commands, cloud.environment(), [])
