"""Moves a service to another region, as `docs/day-two.md` says."""

import json
from pathlib import Path

from . import page, rollback
from .cloud import Cloud
from .codes import code
from .paths import factors, letters
from .paths.people import OPERATOR, READER
from .person import Person
from .world import World

REGION = "eu-central-1"
# A user with an app, and one with a passkey.
KIM, LEE = "kim@example.com", "lee@example.com"
# The tables that stay when a stack is deleted end so.
TABLES = ("users", "credentials", "factors", "deletions", "sessions", "feed", "public-keys", "feed-snapshots")


def run(repository, world, values, text, log, email, say):
    """Moves a stack with its tables, and then its users alone. Both new stacks keep the issuer."""
    there = Cloud(repository / "target/lambda", repository / ".local/dynamodb-local/package/emulator", log, REGION)
    values = {**values, "Issuer": world.issuer}
    try:
        move_tables(world, there, values, text)
        say(f"docs/day-two.md: the whole service, moved to {REGION}")
        deployed = there.deploy(text, "users", **values).require("CREATE_COMPLETE")
        there.rotations.wait()
        new = World(there, deployed, None)
        move_users(world, new)
        assert new.login(email).expect(200).json["access_token"], "no token in the new region"
        assert not there.proxy.denied, f"denied: {there.proxy.denied}"
        say(f"docs/day-two.md: {len(new.table('UsersTable'))} users, moved to a stack in {REGION}")
    finally:
        there.stop()


def move_tables(world, there, values, text):
    """Moves everything: passwords, second factors and passkeys are good in the new region, and sessions are not."""
    letters.register_with_link(world, KIM)
    old = letters.register_with_link(world, LEE)["refresh_token"]
    seed, _ = factors.add_an_app(world, KIM)
    device, _ = factors.add_a_passkey(world, LEE)
    copy_backups(world, there)
    key, name = copy_factor_key(world, there), world.deployed.name
    rollback.import_tables(there, name, key)
    deployed = there.deploy(text, name, **values).require("UPDATE_COMPLETE")
    there.rotations.wait()
    new = World(there, deployed, None)
    step = factors.first_step(new, KIM)
    new.post("/auth/login/second", {"mfa_token": step, "code": code(seed)}).expect(200)
    options = new.post("/auth/passkey/options", {}).expect(200).json["publicKey"]
    tokens = new.post("/auth/passkey", {"credential": device.get(options)}).expect(200).json
    new.get("/auth/me", tokens["access_token"]).expect(200)
    new.post("/auth/refresh", {"refresh_token": old}).expect(401, "invalid_grant")


def copy_backups(world, there):
    """Restores each table in the other region, to which this test copies the backups in place of AWS Backup."""
    here = world.cloud.client("dynamodb")
    for suffix in TABLES:
        table = f"{world.deployed.name}-{suffix}"
        if table not in here.list_tables()["TableNames"]:
            continue
        arn = here.create_backup(TableName=table, BackupName="move")["BackupDetails"]["BackupArn"]
        there.proxy.backups.saved[arn] = world.cloud.proxy.backups.saved[arn]
        there.client("dynamodb").restore_table_from_backup(TargetTableName=table, BackupArn=arn)


def copy_factor_key(world, there):
    """Replicates the key. moto cannot end a replication, so this test makes a secret of what was replicated."""
    key = world.deployed.id("FactorKey")
    blocks = page.blocks(Path("docs/day-two.md").read_text(), "Move to another region")
    (replicate,) = (line for line in "".join(blocks).splitlines() if "replicate-secret" in line)
    page.run(replicate.replace("<new>", REGION), {**world.cloud.environment(), "factor_key": key}, [])
    secrets = there.client("secretsmanager")
    replica = key.replace(world.cloud.region, REGION)
    value = secrets.get_secret_value(SecretId=replica)["SecretString"]
    return secrets.create_secret(Name="FactorKey-moved", SecretString=value)["ARN"]


def move_users(old, new):
    """Exports all users and imports them. Each has the same id, claims, state and password there."""
    here, there = Person(old, "mover", [READER, OPERATOR]), Person(new, "settler", [READER, OPERATOR])
    exported = here.run("user", "export")
    there.run("user", "import", "-", "--format", "jsonl", typed=exported)
    assert lines(there.run("user", "export")) == lines(exported), "an imported user differs from the exported one"
    again = there.run("-o", "json", "user", "import", "-", "--format", "jsonl", typed=exported)
    assert f'"left": {len(lines(exported))}' in again, again


def lines(exported):
    """Returns the users of an export, sorted by address."""
    return sorted((json.loads(line) for line in exported.splitlines()), key=lambda user: user["email"])
