"""Whether a service may invoke a function, by the permissions of the stacks."""

from fnmatch import fnmatchcase

from .resources import PERMISSIONS


def may_invoke(function, principal, source=None):
    """Returns whether a principal may invoke the function or alias with this ARN, from this source."""
    account = function.split(":")[4]
    for permission in PERMISSIONS:
        granted = permission.properties
        is_same = granted["FunctionName"] in (function, function.split(":")[-1])
        is_from = fnmatchcase(source or "", granted.get("SourceArn", "*"))
        is_ours = granted.get("SourceAccount", account) == account
        if is_same and is_from and is_ours and granted["Principal"] == principal:
            return True
    return False
