"""The types of API Gateway (HTTP APIs), made in moto's API Gateway."""

import inspect
import json
import re

from moto.apigatewayv2.models import ApiGatewayV2Backend, apigatewayv2_backends
from moto.apigatewayv2.responses import ApiGatewayV2Response

from .stand_in import StandIn

# The parameters of moto's backend that are abbreviations of a property.
ABBREVIATIONS = {
    "auth_creds_arn": "AuthorizerCredentialsArn",
    "auth_payload_format_version": "AuthorizerPayloadFormatVersion",
    "auth_result_ttl": "AuthorizerResultTtlInSeconds",
    "enable_simple_response": "EnableSimpleResponses",
    "identity_validation_expr": "IdentityValidationExpression",
    "jwt_config": "JwtConfiguration",
    "model_selection_expression": "ModelSelectionExpression",
    "timeout_in_millis": "TimeoutInMillis",
}


def list_authorizers():
    """Adds the list of an API's authorizers, which moto lacks."""

    def get_authorizers(response):
        api = response.apigatewayv2_backend.get_api(response.path.split("/")[-2])
        return 200, {}, json.dumps({"items": [made.to_json() for made in api.authorizers.values()]})

    ApiGatewayV2Response.get_authorizers = get_authorizers


def call(backend, operation, properties):
    """Calls an operation of moto's backend with these properties, and `None` for all others."""
    names = list(inspect.signature(getattr(ApiGatewayV2Backend, operation)).parameters)[1:]
    property_of = {name: ABBREVIATIONS.get(name, "".join(word.title() for word in name.split("_"))) for name in names}
    return getattr(backend, operation)(**{name: properties.get(key) for name, key in property_of.items()})


def lower(value):
    """Returns a value with keys as the API spells them: `stageName` for `StageName`."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: lower(inner) for key, inner in value.items()}
    return value


class Api(StandIn):
    """An HTTP API. With a body, as SAM writes it, it has routes, integrations and authorizers."""

    types = ("AWS::ApiGatewayV2::Api",)

    def make(self):
        backend = self.service(apigatewayv2_backends)
        self.api = call(backend, "create_api", {"ProtocolType": "HTTP", "Name": self.name, "Tags": {}, **self.head()})
        self.reference = self.api.api_id
        self.attributes = {"ApiEndpoint": self.api.api_endpoint, "ApiId": self.api.api_id}
        self.read_body()

    def head(self):
        """Returns the properties without the body, with what stands in the body under its own name."""
        cors = self.properties.get("Body", {}).get("x-amazon-apigateway-cors", {})
        cors = {key[0].upper() + key[1:]: value for key, value in cors.items()}
        configuration = self.properties.get("CorsConfiguration") or cors
        return {
            **{key: value for key, value in self.properties.items() if key not in ("Body", "Tags")},
            "CorsConfiguration": lower(configuration) or None,
        }

    def change(self, properties):
        self.properties = properties
        for name, value in self.head().items():
            setattr(self.api, re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower(), value)
        if "Body" in properties:
            for kept in (self.api.routes, self.api.integrations, self.api.authorizers):
                kept.clear()
            self.read_body()

    def read_body(self):
        """Makes what the body describes."""
        body, backend = self.properties.get("Body", {}), self.service(apigatewayv2_backends)
        schemes, authorizers = body.get("components", {}).get("securitySchemes", {}), {}
        for name, scheme in schemes.items():
            described = scheme["x-amazon-apigateway-authorizer"]
            properties = {key[0].upper() + key[1:]: value for key, value in described.items() if key != "type"}
            properties |= {"Name": name, "ApiId": self.reference, "AuthorizerType": described["type"].upper()}
            authorizers[name] = call(backend, "create_authorizer", properties).id
        for path, methods in body.get("paths", {}).items():
            for method, operation in methods.items():
                described = operation["x-amazon-apigateway-integration"]
                integration = {"ApiId": self.reference, "IntegrationType": described["type"].upper()}
                integration |= {
                    "IntegrationUri": described["uri"],
                    "PayloadFormatVersion": described["payloadFormatVersion"],
                }
                made = call(backend, "create_integration", integration)
                route = {"ApiId": self.reference, "RouteKey": f"{method.upper()} {path}"}
                route["Target"] = f"integrations/{made.id}"
                for name in next(iter(operation.get("security", [])), {}):
                    route |= {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizers[name]}
                call(backend, "create_route", route)

    def remove(self):
        self.service(apigatewayv2_backends).delete_api(self.reference)


class Stage(StandIn):
    """A stage of an API."""

    types = ("AWS::ApiGatewayV2::Stage",)

    def make(self):
        self.reference = self.properties["StageName"]
        self.service(apigatewayv2_backends).create_stage(self.properties["ApiId"], lower(self.properties))

    def remove(self):
        backend = self.service(apigatewayv2_backends)
        if self.properties["ApiId"] in backend.apis:
            backend.delete_stage(self.properties["ApiId"], self.reference)


class Part(StandIn):
    """A route, an integration or an authorizer of an API."""

    types = ("AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Authorizer")

    def make(self):
        made = call(self.service(apigatewayv2_backends), f"create_{self.word()}", self.properties)
        self.reference = getattr(made, "route_id", None) or made.id
        self.attributes = {f"{self.word().title()}Id": self.reference}

    def change(self, properties):
        made = self.made()
        self.properties = properties
        values = inspect.signature(type(made).__init__).parameters
        for name in values:
            key = ABBREVIATIONS.get(name, "".join(word.title() for word in name.split("_")))
            if key in properties:
                setattr(made, name, properties[key])

    def word(self):
        return self.type.split("::")[-1].lower()

    def made(self):
        """Returns what moto keeps for this part, or `None` if its API was removed."""
        api = self.service(apigatewayv2_backends).apis.get(self.properties["ApiId"])
        return api and getattr(api, f"{self.word()}s").get(self.reference)

    def remove(self):
        if self.made():
            api = self.service(apigatewayv2_backends).apis[self.properties["ApiId"]]
            getattr(api, f"{self.word()}s").pop(self.reference)


class DomainName(StandIn):
    """A domain of an API."""

    types = ("AWS::ApiGatewayV2::DomainName",)

    def make(self):
        call(self.service(apigatewayv2_backends), "create_domain_name", {"Tags": {}, **self.properties})
        self.reference = self.properties["DomainName"]
        self.attributes = {
            "RegionalDomainName": f"d-abc.execute-api.{self.region}.amazonaws.com",
            "RegionalHostedZoneId": "Z0",
        }

    def remove(self):
        self.service(apigatewayv2_backends).delete_domain_name(self.reference)


class ApiMapping(StandIn):
    """The mapping of a domain to a stage."""

    types = ("AWS::ApiGatewayV2::ApiMapping",)

    def make(self):
        properties = {"ApiMappingKey": "", **self.properties}
        made = call(self.service(apigatewayv2_backends), "create_api_mapping", properties)
        self.reference = made.api_mapping_id

    def remove(self):
        self.service(apigatewayv2_backends).delete_api_mapping(self.reference, self.properties["DomainName"])
