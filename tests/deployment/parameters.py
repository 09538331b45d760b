"""Checks the values of parameters and the rules of a template, which moto ignores."""

import re


class Refused(Exception):
    """A value that CloudFormation refuses."""


def check(body, values):
    """Refuses values that the template does not allow.

    Raises `Refused` if a value is missing or not allowed, or if a rule does not hold.
    """
    declared = body.get("Parameters", {})
    unknown = set(values) - set(declared)
    if unknown:
        raise Refused(f"parameters {sorted(unknown)} do not exist in the template")
    given = {}
    for name, parameter in declared.items():
        if name not in values and "Default" not in parameter:
            raise Refused(f"parameter {name} must have a value")
        given[name] = str(values.get(name, parameter.get("Default")))
        check_value(name, parameter, given[name])
    for name, rule in body.get("Rules", {}).items():
        if holds(rule.get("RuleCondition", True), given):
            for assertion in rule["Assertions"]:
                if not holds(assertion["Assert"], given):
                    raise Refused(f"rule {name}: {assertion['AssertDescription']}")


def check_value(name, parameter, value):
    """Refuses one value. In a list, each of its values must be allowed."""
    several = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
    for each in several:
        if not re.fullmatch(parameter.get("AllowedPattern", ".*"), each, re.DOTALL):
            raise Refused(f"parameter {name}: {parameter.get('ConstraintDescription', 'has the wrong form')}")
        if "AllowedValues" in parameter and each not in [str(allowed) for allowed in parameter["AllowedValues"]]:
            raise Refused(f"parameter {name}: not one of the allowed values")
        if len(each) > parameter.get("MaxLength", len(each)):
            raise Refused(f"parameter {name}: too long")
        if parameter["Type"] == "Number" and not (
            parameter.get("MinValue", float(each)) <= float(each) <= parameter.get("MaxValue", float(each))
        ):
            raise Refused(f"parameter {name}: out of range")


def holds(condition, values):
    """Returns whether a condition of a rule holds."""
    if not isinstance(condition, dict):
        return condition
    ((function, arguments),) = condition.items()
    if function == "Fn::Equals":
        return len({value_of(each, values) for each in arguments}) == 1
    results = [holds(each, values) for each in arguments]
    return {"Fn::Not": lambda: not results[0], "Fn::And": lambda: all(results), "Fn::Or": lambda: any(results)}[
        function
    ]()


def value_of(value, values):
    """Returns a value of a rule as text."""
    return values[value["Ref"]] if isinstance(value, dict) else str(value)
