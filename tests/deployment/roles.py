"""What each deployed role may do, as resolved by its stack, and which of its grants were used."""

import json
from fnmatch import fnmatchcase
from urllib.parse import unquote

from moto.iam.models import iam_backends


class Roles:
    """The roles of an account. Each gets an access key id, by which a call shows whose it is."""

    def __init__(self, account):
        self.account = account
        self.names = {}
        # The grants that were used: role, action and resource of the statement.
        self.used = set()

    def key_id(self, arn):
        """Returns the access key id of a role."""
        name = arn.split("/")[-1]
        key = next((key for key, known in self.names.items() if known == name), f"ASIAROLE{len(self.names):012}")
        self.names[key] = name
        return key

    def statements(self, name, managed=True):
        """Returns the statements of a role: those of its inline policies, and those of its managed policies."""
        role = iam_backends[self.account]["aws"].get_role(name)
        documents = list(role.policies.values())
        if managed:
            documents += [each.document for policy in role.managed_policies.values() for each in policy.versions]
        statements = []
        for document in documents:
            read = json.loads(unquote(document)) if isinstance(document, str) else document
            statements += as_list(read["Statement"])
        return statements

    def grants(self, name, managed=False):
        """Returns the action and resource of every permission."""
        return {
            (action, resource)
            for statement in self.statements(name, managed)
            for action in as_list(statement["Action"])
            for resource in as_list(statement["Resource"])
        }

    def permits(self, name, action, resource):
        """Returns whether the role may do this, and records the grants that permit it.

        Raises `NotFoundException` if the role does not exist any more.
        """
        found = []
        for statement in self.statements(name):
            if statement["Effect"] != "Allow" or "Condition" in statement:
                raise ValueError(f"{name}: a statement that this test cannot evaluate")
            for pattern in as_list(statement["Action"]):
                for granted in as_list(statement["Resource"]):
                    if fnmatchcase(action.lower(), pattern.lower()) and fnmatchcase(resource, granted):
                        found.append((name, pattern, granted))
        self.used.update(found)
        return bool(found)


def as_list(value):
    return value if isinstance(value, list) else [value]
