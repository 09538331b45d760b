"""Moves a service to another region, as `docs/day-two.md` says."""

import json

from .cloud import Cloud
from .paths.people import OPERATOR, READER
from .person import Person
from .world import World

REGION, STACK = "eu-central-1", "gatehouse"


def run(repository, world, text, log, email, say):
    """Moves the users of a stack into a new stack of another region, which keeps the issuer."""
    there = Cloud(repository / "target/lambda", repository / ".local/dynamodb-local/package/emulator", log, REGION)
    try:
        deployed = there.deploy(text, STACK, Audience="dashboard", Issuer=world.issuer).require("CREATE_COMPLETE")
        there.rotations.wait()
        new = World(there, deployed, None)
        move_users(world, new)
        assert new.login(email).expect(200).json["access_token"], "no token in the new region"
        assert not there.proxy.denied, f"denied: {there.proxy.denied}"
        say(f"docs/day-two.md: {len(new.table('UsersTable'))} users, moved to a stack in {REGION}")
    finally:
        there.stop()


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
