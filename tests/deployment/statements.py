"""What a statement of a policy is about."""

from fnmatch import fnmatchcase

KNOWN = {"Sid", "Effect", "Action", "Resource", "NotResource"}


def matches(statement, action, resource):
    """Returns each action and resource of a statement that is about a call. For `NotResource`, the resource is what the
    statement is not about.

    Raises `ValueError` if the statement has a part that cannot be evaluated here.
    """
    if set(statement) - KNOWN or statement["Effect"] not in ("Allow", "Deny"):
        raise ValueError(f"a statement that this test cannot evaluate: {sorted(statement)}")
    actions = [each for each in as_list(statement["Action"]) if fnmatchcase(action.lower(), each.lower())]
    if "NotResource" in statement:
        spared = as_list(statement["NotResource"])
        resources = [] if any(fnmatchcase(resource, each) for each in spared) else spared
    else:
        resources = [each for each in as_list(statement["Resource"]) if fnmatchcase(resource, each)]
    return [(each, named) for each in actions for named in resources]


def grants(statement):
    """Returns each action and resource that a statement allows."""
    if statement["Effect"] != "Allow":
        return set()
    return {(action, each) for action in as_list(statement["Action"]) for each in as_list(statement["Resource"])}


def as_list(value):
    return value if isinstance(value, list) else [value]
