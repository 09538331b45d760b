"""Creates, updates, rolls back and deletes stacks as CloudFormation does, which moto's own code does not."""

import copy
import functools
import re

from moto.cloudformation import models, parsing, responses
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.s3.models import s3_backends

# The import of `apis`, `resources` and `tables` adds their types.
from . import apis, insights, parameters, resources, stand_in, tables, template  # noqa: F401

# The resources that fail when they are created, by logical id.
FAILING = set()


class Failed(Exception):
    """A resource that cannot be created, changed or deleted."""


@functools.cache
def install():
    """Replaces moto's code."""
    stand_in.install()
    resources.attach_managed_policies()
    resources.keep_log_groups()
    resources.give_parameters_a_value()
    apis.list_authorizers()
    insights.install()
    responses.get_stack_from_s3_url = read_template
    parsing.parse_and_create_resource = create_resource
    parsing.clean_json = clean
    Stack.parameter_list = property(list_parameters)
    Stack.stack_resources = property(lambda stack: [made for made in stack.resource_map.values() if made is not None])
    Stack.delete = delete
    responses.CloudFormationResponse.create_change_set = remember_imports
    CloudFormationBackend.create_change_set = create_change_set
    CloudFormationBackend.execute_change_set = execute_change_set


make_resource, clean_value = parsing.parse_and_create_resource, parsing.clean_json
moto_create_change_set = CloudFormationBackend.create_change_set
answer_create_change_set = responses.CloudFormationResponse.create_change_set
# The resources that the newest change set of the type IMPORT takes over.
IMPORTS = []


def clean(value, resource_map):
    """Resolves a value. Unlike moto's own code, removes `AWS::NoValue` from lists."""
    if isinstance(value, list):
        cleaned = (clean_value(each, resource_map) for each in value)
        return [each for each in cleaned if each is not None]
    return clean_value(value, resource_map)


def read_template(url, account_id, partition):
    """Reads a template from S3. The AWS CLI writes the URL with its own endpoint, which moto cannot read."""
    bucket, key = url.partition("//")[2].split("/", 2)[1:]
    return s3_backends[account_id][partition].get_object(bucket, key).value.decode()


def remember_imports(response):
    """Remembers `ResourcesToImport`, which moto does not pass on."""
    IMPORTS[:] = response._get_param("ResourcesToImport", [])
    return answer_create_change_set(response)


def create_change_set(backend, stack_name, change_set_name, template, parameters, *rest, **details):
    """Checks the parameters and makes a change set of the transformed template, as AWS does."""
    transformed = parameters_checked(template, parameters)
    return moto_create_change_set(backend, stack_name, change_set_name, transformed, parameters, *rest, **details)


def parameters_checked(text, values):
    """Returns the text of the transformed template, if the values are allowed."""
    body = template.parse(text)
    parameters.check(body, values)
    return template.transform(body, values)


def execute_change_set(backend, change_set_name, stack_name=None):
    """Creates or updates the stack."""
    change_set = backend.describe_change_set(change_set_name)
    stack = backend.stacks[change_set.stack_id]
    # moto gives the exports of other stacks only to what it creates without a change set.
    stack.cross_stack_resources = backend.exports
    if change_set.change_set_type == "CREATE":
        stack.template, stack.parameters = change_set.template, change_set.parameters
        stack._parse_template()
        stack.resource_map = stack._create_resource_map()
        stack.output_map = stack._create_output_map()
        create(stack)
    elif change_set.change_set_type == "IMPORT":
        stack.template, stack.parameters = change_set.template, change_set.parameters
        stack._parse_template()
        stack.resource_map = stack._create_resource_map()
        stack.output_map = stack._create_output_map()
        adopt(stack)
    else:
        update(stack, change_set)
    for export in stack.exports if stack.status.endswith("E_COMPLETE") else []:
        backend.exports[export.name] = export
    change_set.execution_status = "EXECUTE_COMPLETE"


def create_resource(logical_id, description, resource_map, account_id, region_name):
    """Creates a resource after those that it depends on."""
    condition = description.get("Condition")
    if condition and not resource_map.lazy_condition_map[condition]:
        return None
    for other in depends_on(description):
        resource_map[other]
    if logical_id in FAILING:
        raise Failed(f"{logical_id}: this test makes it fail")
    if parsing.resource_class_from_type(description["Type"]) is None:
        raise Failed(f"{logical_id}: tests/deployment has no {description['Type']}")
    properties = clean(description.get("Properties", {}), resource_map)
    if description["Type"] == "AWS::Lambda::Function" and properties.get("ReservedConcurrentExecutions"):
        # A new account has a quota of 10, and may reserve nothing.
        raise Failed(f"{logical_id}: UnreservedConcurrentExecution would be below its minimum value of [10]")
    return make_resource(logical_id, copy.deepcopy(description), resource_map, account_id, region_name)


def create(stack):
    """Creates all resources. If one fails, those that do not depend on it are made, as in the worst case at AWS, and
    then all are removed."""
    stack.status, reasons = "CREATE_IN_PROGRESS", {}
    stack._add_stack_event(stack.status)
    for name in stack.resource_map._resource_json_map:
        try:
            stack.resource_map[name]
        except Exception as error:
            reasons[name] = f"{type(error).__name__}: {error}"
    if not reasons:
        return finish(stack, "CREATE_COMPLETE")
    failed = next((name for name in reasons if name in FAILING), next(iter(reasons)))
    stack._add_stack_event("CREATE_FAILED", resource_status_reason=reasons[failed])
    kept = remove(stack, made(stack), kept_policies=("Retain",))
    empty(stack)
    finish(stack, "ROLLBACK_FAILED" if kept else "ROLLBACK_COMPLETE", ", ".join(kept))


def adopt(stack):
    """Takes over what exists. As at AWS, each resource has a deletion policy, and none is new."""
    resource_map, identifiers = stack.resource_map, {each["LogicalResourceId"]: each for each in IMPORTS}
    for name, description in resource_map._resource_json_map.items():
        if "DeletionPolicy" not in description:
            raise Failed(f"{name}: a resource to import must have a DeletionPolicy")
        kind, properties = description["Type"], clean(description.get("Properties", {}), resource_map)
        made = parsing.resource_class_from_type(kind)(name, properties, stack.account_id, stack.region_name)
        made.type = kind
        made.adopt(identifiers[name]["ResourceIdentifier"])
        resource_map._parsed_resources[name] = made
    finish(stack, "IMPORT_COMPLETE")


def update(stack, change_set):
    """Changes, adds and removes resources, each after those that it refers to."""
    resource_map, stack.template = stack.resource_map, change_set.template
    stack._parse_template()
    before = dict(resource_map._resource_json_map)
    # What a removed resource refers to may be removed before it.
    resolved = {name: clean(before[name], resource_map) for name in made(stack)}
    resource_map._template = stack.template_dict
    resource_map._resource_json_map = after = stack.template_dict["Resources"]
    resource_map.input_parameters = stack.parameters = change_set.parameters
    resource_map.load_mapping()
    resource_map.load_parameters()
    resource_map.load_conditions()
    visited = set()

    def visit(name):
        if name in visited or name not in after:
            return
        visited.add(name)
        condition = after[name].get("Condition")
        if condition and not resource_map.lazy_condition_map[condition]:
            return
        for other in [*depends_on(after[name]), *references(after[name])]:
            visit(other)
        if name in resource_map._parsed_resources:
            change(name, after[name], resource_map)
        else:
            resource_map[name]

    for name in after:
        visit(name)
    conditions = resource_map.lazy_condition_map
    gone = [name for name in before if name not in after or not conditions.get(after[name].get("Condition"), True)]
    resource_map._resource_json_map = {**before, **after}
    gone = [name for name in gone if name in resource_map._parsed_resources]
    remove(stack, gone, ("Retain", "RetainExceptOnCreate"), resolved)
    resource_map._resource_json_map = after
    stack.output_map = stack._create_output_map()
    finish(stack, "UPDATE_COMPLETE")


def change(name, description, resource_map):
    """Changes a resource to its new description. A type that moto cannot change stays."""
    made = resource_map._parsed_resources[name]
    changed = parsing.parse_and_update_resource(
        name, copy.deepcopy(description), resource_map, resource_map._account_id, resource_map._region_name
    )
    resource_map._parsed_resources[name] = changed or made


def delete(stack):
    """Deletes the stack, except what its template keeps."""
    stack.status = "DELETE_IN_PROGRESS"
    kept = remove(stack, made(stack), kept_policies=("Retain", "RetainExceptOnCreate"))
    empty(stack)
    finish(stack, "DELETE_FAILED" if kept else "DELETE_COMPLETE", ", ".join(kept))


def remove(stack, names, kept_policies, resolved=None):
    """Removes resources in the reverse order of their creation. `resolved` has their descriptions, if they cannot be
    resolved any more. Returns the ones that cannot be removed."""
    resource_map, kept = stack.resource_map, []
    for name in reversed(names):
        description, resource = resource_map._resource_json_map[name], resource_map._parsed_resources[name]
        if description.get("DeletionPolicy") in kept_policies:
            continue
        if getattr(resource, "deletion_protection_enabled", False):
            kept.append(name)
            continue
        resources.detach_managed_policies(resource)
        description = resolved[name] if resolved else clean(description, resource_map)
        resource_map._delete_resource(resource, description)
        del resource_map._parsed_resources[name]
    return kept


def empty(stack):
    """Empties a stack, because moto would make its resources again when it describes them."""
    stack.resource_map._resource_json_map = {}
    stack.output_map._output_json_map = {}


def resource(account, region, stack, logical_id):
    """Returns moto's object for a resource, or the stand-in."""
    return models.cloudformation_backends[account][region].get_stack(stack).resource_map[logical_id]


def made(stack):
    """Returns the logical ids of what exists, in the order of creation."""
    parsed = stack.resource_map._parsed_resources
    return [name for name in parsed if name in stack.resource_map._resource_json_map]


def finish(stack, status, reason=""):
    stack.status = status
    stack._add_stack_event(status, resource_status_reason=reason)


def needs(descriptions, name):
    """Returns all that a resource depends on, also through others. It is created and changed after them."""
    found, waiting = set(), [name]
    while waiting:
        description = descriptions.get(waiting.pop(), {})
        new = {*depends_on(description), *references(description)} - found
        found |= new
        waiting += new
    return found


def list_parameters(stack):
    """Returns the parameters of a stack. A list is one text with commas, as it was given."""
    resolved = stack.resource_map.resolved_parameters
    text = {key: ",".join(value) if isinstance(value, list) else value for key, value in resolved.items()}
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in text.items()]


def descriptions(account, region, stack):
    """Returns the transformed description of each resource of a stack."""
    return models.cloudformation_backends[account][region].get_stack(stack).resource_map._resource_json_map


def depends_on(description):
    """Returns what a resource depends on by `DependsOn`."""
    named = description.get("DependsOn", [])
    return [named] if isinstance(named, str) else named


def references(value):
    """Returns the logical ids that a value refers to, and words that look like some."""
    if isinstance(value, list):
        return [name for each in value for name in references(each)]
    if not isinstance(value, dict):
        return []
    found = []
    for key, inner in value.items():
        if key == "Ref":
            found.append(inner)
        elif key == "Fn::GetAtt":
            found.append(inner.split(".")[0] if isinstance(inner, str) else inner[0])
        elif key == "Fn::Sub":
            text = inner if isinstance(inner, str) else inner[0]
            found += re.findall(r"\$\{([A-Za-z0-9]+)", text)
        found += references(inner)
    return [name for name in found if isinstance(name, str)]
