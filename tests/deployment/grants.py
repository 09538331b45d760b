"""Which permissions of the stacks no path has used."""

import re
import tomllib

from moto.awslambda.models import lambda_backends

from .cloud import ACCOUNT, REGION, Deployed

# Who uses each managed policy. An operator has the policy of a reader too.
PEOPLE = {"ReaderPolicy": "reader", "OperatorPolicy": "operator"}


class Grants:
    """The permissions of functions and people in several stacks, by logical ids, and which of them were used."""

    def __init__(self, cloud):
        self.cloud, self.all, self.used = cloud, set(), set()

    def add(self, stack):
        """Adds the permissions of a stack after its paths."""
        deployed, roles = Deployed(self.cloud, stack), self.cloud.roles
        names = {value: logical for logical, value in physical(deployed).items()}
        for logical, function in deployed.of_type("AWS::Lambda::Function").items():
            role = lambda_backends[ACCOUNT][REGION].get_function(function).role.split("/")[-1]
            for action, resource in roles.grants(role):
                grant = (logical, action, name(resource, names))
                self.all.add(grant)
                if (role, action, resource) in roles.used:
                    self.used.add(grant)
        for logical, person in PEOPLE.items():
            for action, resource in roles.grants_of_policy(deployed.id(logical)):
                grant = (logical, action, name(resource, names))
                self.all.add(grant)
                if (f"{stack}-{person}", action, resource) in roles.used:
                    self.used.add(grant)

    def check(self, path):
        """Fails if the permissions that no path has used are not those that a file lists with reasons."""
        with path.open("rb") as file:
            listed = tomllib.load(file)["grant"]
        if any(not each["reason"] for each in listed):
            raise AssertionError(f"{path.name}: a grant has no reason")
        known = {(each["holder"], each["action"], each["resource"]) for each in listed}
        unused = self.all - self.used
        new, used = sorted(unused - known), sorted(known - unused)
        if new or used:
            lines = [f"not used by any path: {each}" for each in new] + [f"used, or no grant: {each}" for each in used]
            raise AssertionError(f"{path.name}:\n" + "\n".join(lines))


def physical(deployed):
    """Returns the ARN or the physical id of each resource. That of a schedule is its secret's, so it is left out."""
    schedules = deployed.of_type("AWS::SecretsManager::RotationSchedule")
    others = ((logical, each) for logical, each in deployed.resources.items() if logical not in schedules)
    return {logical: end(each["PhysicalResourceId"]) for logical, each in others}


def end(value):
    """Returns a physical id, or the last part of one that is a URL."""
    return value.split("/")[-1] if value.startswith("http") else value


def name(resource, names):
    """Returns the logical id in place of the physical one, and an ARN of nothing in the stack without its account."""
    if resource in names:
        return names[resource]
    group = re.search(r":log-group:([^:]+):\*$", resource)
    if group and group[1] in names:
        return names[group[1]]
    last = resource.split(":", 5)[-1].removeprefix("table/").split("/stream/")[0].split(":")[-1]
    return names.get(last) or names.get(last.split("/")[-1]) or resource.split(":", 5)[-1]
