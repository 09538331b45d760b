"""A person with managed policies of a stack, who runs `authctl` and looks around."""

import os
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
        """Starts `authctl` with these arguments on the stack, of which it finds the tables, secrets and log itself."""
        cloud, pipe = self.world.cloud, subprocess.PIPE
        own = {"AWS_ACCESS_KEY_ID": self.key, "AWS_ENDPOINT_URL": cloud.url, "AWS_REGION": cloud.region}
        command = [PROGRAM, "--stack", self.world.deployed.name, *arguments]
        environment = {**os.environ, **own}
        return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments, typed=""):
        """Returns what `authctl` prints. Fails if the command fails."""
        started = self.start(*arguments)
        printed, said = started.communicate(typed, PATIENCE)
        if started.returncode:
            raise AssertionError(f"{self.name}: authctl {' '.join(arguments)}: {said}")
        return printed

    def end(self, *arguments, code):
        """Returns what `authctl` prints and what it says on standard error. Fails unless it ends with this code."""
        started = self.start(*arguments)
        printed, said = started.communicate("", PATIENCE)
        assert started.returncode == code, f"authctl {' '.join(arguments)}: {started.returncode}: {printed} {said}"
        return printed, said

    def is_refused(self, *arguments, typed=""):
        """Runs `authctl`. Returns the refused calls. Fails if the command does not fail because of one."""
        with self.world.cloud.proxy.refusing() as refused:
            started = self.start(*arguments)
            started.communicate(typed, PATIENCE)
        if not started.returncode or not refused:
            raise AssertionError(f"{self.name}: nothing refused authctl {' '.join(arguments)}")
        return refused
