"""What each deployed role may do, as resolved by its stack, and which of its grants were used."""

import json
from urllib.parse import unquote

from moto.iam.models import iam_backends

from . import statements


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
        role = self.backend.get_role(name)
        documents = list(role.policies.values())
        if managed:
            documents += [document_of(policy) for policy in role.managed_policies.values()]
        return [statement for document in documents for statement in read(document)]

    def grants(self, name, managed=False):
        """Returns the action and resource of every permission."""
        return {grant for statement in self.statements(name, managed) for grant in statements.grants(statement)}

    def grants_of_policy(self, arn):
        """Returns the action and resource of every permission of a managed policy."""
        return {grant for statement in self.statements_of_policy(arn) for grant in statements.grants(statement)}

    def statements_of_policy(self, arn):
        """Returns the statements of a managed policy."""
        return read(document_of(self.backend.managed_policies[arn]))

    def make(self, name, policies):
        """Makes a role with these managed policies, as a person has them. Returns its access key id."""
        self.backend.create_role(name, "{}", "/", None, None, [], 3600)
        for arn in policies:
            self.backend.attach_role_policy(arn, name)
        return self.key_id(name)

    def permits(self, name, action, resource):
        """Returns whether the role may do this, and records the grants that permit it.

        Raises `NotFoundException` if the role does not exist any more.
        """
        found = {"Allow": [], "Deny": []}
        for statement in self.statements(name):
            found[statement["Effect"]] += statements.matches(statement, action, resource)
        if found["Deny"]:
            return False
        self.used.update((name, *grant) for grant in found["Allow"])
        return bool(found["Allow"])

    @property
    def backend(self):
        return iam_backends[self.account]["aws"]


def document_of(policy):
    """Returns the document that is in force."""
    return next(version.document for version in policy.versions if version.is_default)


def read(document):
    """Returns the statements of a document."""
    parsed = json.loads(unquote(document)) if isinstance(document, str) else document
    return statements.as_list(parsed["Statement"])
