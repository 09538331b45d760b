"""A person with managed policies of a stack, who runs `authctl` and looks around."""

import os
import re
import subprocess
from pathlib import Path

PROGRAM = Path("target/debug/authctl").resolve()
# The maximum time for a command, in seconds.
PATIENCE = 120


class Person:
    """A person with a role of their own. `policies` are the names of the stack's outputs that have the policies."""

    def __init__(self, world, name, policies):
        self.world, self.name = world, f"{world.deployed.name}-{name}"
        arns = [world.deployed.outputs[policy] for policy in policies]
        self.key = world.cloud.roles.make(self.name, arns)

    def client(self, service):
        return self.world.cloud.client(service, self.key)

    def start(self, *arguments):
        """Starts `authctl` with these arguments, with the names of the stack's resources as `docs/operate.md` says."""
        world, outputs = self.world, self.world.deployed.outputs
        names = {variable: outputs[output] for variable, output in variables() if output in outputs}
        own = {"AWS_ACCESS_KEY_ID": self.key, "AWS_ENDPOINT_URL": world.cloud.url, "AWS_REGION": world.cloud.region}
        pipe = subprocess.PIPE
        environment = {**os.environ, **names, **own}
        return subprocess.Popen([PROGRAM, *arguments], env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments, typed=""):
        """Returns what `authctl` prints. Fails if the command fails."""
        started = self.start(*arguments)
        printed, said = started.communicate(typed, PATIENCE)
        if started.returncode:
            raise AssertionError(f"{self.name}: authctl {' '.join(arguments)}: {said}")
        return printed

    def is_refused(self, *arguments, typed=""):
        """Runs `authctl`. Returns the refused calls. Fails if the command does not fail because of one."""
        with self.world.cloud.proxy.refusing() as refused:
            started = self.start(*arguments)
            started.communicate(typed, PATIENCE)
        if not started.returncode or not refused:
            raise AssertionError(f"{self.name}: nothing refused authctl {' '.join(arguments)}")
        return refused


def variables():
    """Returns the variables that `authctl` reads, each with the output that is its value."""
    text = Path("docs/operate.md").read_text()
    return re.findall(r"^\| `([A-Z_]+)` \| `--[a-z-]+` \| `(\w+)`", text, re.MULTILINE)
