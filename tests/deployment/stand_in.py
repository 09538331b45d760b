"""The base of the resources that moto's CloudFormation lacks."""

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel

# The class for each type, such as `AWS::Lambda::Alias`.
CLASSES = {}


class StandIn(CloudFormationModel):
    """A resource with its resolved properties. A subclass names its types and can make something in moto's services."""

    types = ()

    def __init_subclass__(cls):
        CLASSES.update(dict.fromkeys(cls.types, cls))

    def __init__(self, name, properties, account, region):
        self.name, self.properties, self.account, self.region = name, properties, account, region
        self.type = None
        # What `Ref` and `Fn::GetAtt` return.
        self.reference, self.attributes = name, {}

    def make(self):
        """Makes the resource. Sets `reference` and `attributes` if they are not only the name."""

    def adopt(self, identifier):
        """Takes over what exists already, in place of `make`."""
        raise ValueError(f"{self.type} cannot be imported here")

    def change(self, properties):
        """Changes the resource to other properties. By default, replaces it."""
        self.remove()
        self.properties = properties
        self.make()

    def remove(self):
        """Removes the resource."""

    def service(self, backends):
        """Returns moto's backend of a service for this resource."""
        return backends[self.account][self.region]

    def arn(self, service, rest):
        """Returns an ARN of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    # What follows is moto's interface of a resource.

    @property
    def physical_resource_id(self):
        return self.reference

    def get_cfn_attribute(self, name):
        return self.attributes[name]

    @classmethod
    def has_cfn_attr(cls, _attribute):
        return True

    def is_created(self):
        return True

    def delete(self, _account, _region):
        self.remove()

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_details):
        properties = cloudformation_json.get("Properties", {})
        resource = cls(resource_name, properties, account_id, region_name)
        resource.type = cloudformation_json["Type"]
        resource.make()
        return resource

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, cloudformation_json, **_details):
        properties = cloudformation_json.get("Properties", {})
        if properties != original_resource.properties:
            original_resource.change(properties)
        return original_resource


def install():
    """Adds the stand-ins to moto's types. They take precedence."""
    original = parsing.get_model_map
    parsing.get_model_map = lambda: {**original(), **CLASSES}
