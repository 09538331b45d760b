"""API Gateway for the routes that a stack has deployed, with their authorizers, integrations and permissions."""

import base64
import json
import re
import time
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl
from uuid import uuid4

from runtime_api import FunctionFailed

from .logs import AccessLog
from .permissions import may_invoke


class Answer:
    """An answer to a request."""

    def __init__(self, request, said, request_id=None):
        # The gateway's id of the request, which it returns in the header `apigw-requestid`.
        self.request_id = request_id
        self.request, self.status = request, said.get("statusCode", 200)
        self.headers = {name.lower(): value for name, value in (said.get("headers") or {}).items()}
        self.cookies = said.get("cookies") or []
        body = said.get("body") or ""
        self.text = base64.b64decode(body).decode("utf-8", "replace") if said.get("isBase64Encoded") else body

    @property
    def json(self):
        return json.loads(self.text)

    def expect(self, status, error=None):
        """Returns this answer. Fails if it has another status or error code. The message has no part of a token."""
        own = self.json.get("error") if self.status >= 400 and self.text.startswith("{") else None
        if self.status != status or (error and own != error):
            raise AssertionError(f"{self.request}: {self.status} {own or ''}, expected {status} {error or ''}")
        return self


class Gateway:
    """The deployed API."""

    def __init__(self, apis, api_id, functions, region, account):
        self.api = apis.get_api(ApiId=api_id)
        self.prefix = f"arn:aws:execute-api:{region}:{account}:{api_id}"
        self.functions = functions
        integrations = {each["IntegrationId"]: each for each in apis.get_integrations(ApiId=api_id)["Items"]}
        self.routes = []
        for route in apis.get_routes(ApiId=api_id)["Items"]:
            integration = integrations[route["Target"].split("/")[1]]
            if integration["PayloadFormatVersion"] != "2.0":
                raise AssertionError(f"{route['RouteKey']}: payload format {integration['PayloadFormatVersion']}")
            authorizer = None
            if route.get("AuthorizerId"):
                authorizer = apis.get_authorizer(ApiId=api_id, AuthorizerId=route["AuthorizerId"])
            self.routes.append(Route(route["RouteKey"], function_of(integration["IntegrationUri"]), authorizer))
        (stage,) = apis.get_stages(ApiId=api_id)["Items"]
        self.access_log = AccessLog(functions.logs, stage)
        self.called = set()

    def send(self, method, path, body=None, bearer=None, headers=None):
        """Returns the answer to a request, and logs it."""
        known, began = {}, time.monotonic()
        answer = self.answer(method, path, body, bearer, headers, known)
        known |= {"status": answer.status, "responseLength": len(answer.text)}
        known["responseLatency"] = int((time.monotonic() - began) * 1000)
        self.access_log.write(known)
        return answer

    def answer(self, method, path, body, bearer, headers, known):
        """Returns the answer to a request. `known` gets the variables of the access log."""
        path, _, query = path.partition("?")
        route, parameters = next(
            ((route, match.groupdict()) for route in self.routes if (match := route.match(method, path))), (None, None)
        )
        if route is None:
            return Answer(f"{method} {path}", {"statusCode": 404, "body": '{"message":"Not Found"}'})
        sent = {"host": self.api["ApiEndpoint"].removeprefix("https://"), "user-agent": "deployment-test"}
        sent |= {"content-type": "application/json"} if body is not None else {}
        sent |= {"authorization": f"Bearer {bearer}"} if bearer else {}
        sent |= headers or {}
        event = self.event(method, path, query, route, parameters, sent)
        named, asked = f"{method} {path}", event["requestContext"]
        known |= {"requestId": asked["requestId"], "requestTime": asked["time"], "routeKey": route.key}
        known["identity.sourceIp"] = asked["http"]["sourceIp"]
        if route.authorizer:
            try:
                refusal, context = self.authorize(route, event, sent)
            except FunctionFailed:
                refusal, context = 500, {}
            known |= {f"authorizer.{name}": value for name, value in (context or {}).items()}
            if refusal:
                said = {"statusCode": refusal, "body": '{"message":"refused by the gateway"}'}
                return Answer(named, said, asked["requestId"])
            event["requestContext"]["authorizer"] = {"lambda": context}
        if body is not None:
            event["body"] = json.dumps(body)
        self.require_permission(route.function, f"{self.prefix}/$default/{route.method}{route.path}")
        self.called.add(route.key)
        said = self.functions.invoke(route.function, event)
        known["integration.requestId"] = self.functions.last_request_id(route.function)
        return Answer(named, said, asked["requestId"])

    def event(self, method, path, query, route, parameters, headers):
        """Returns the event of a request, in payload format 2.0 and without a body."""
        event = {
            "version": "2.0",
            "routeKey": route.key,
            "rawPath": path,
            "rawQueryString": query,
            "headers": {name: value for name, value in headers.items() if name != "cookie"},
            "requestContext": {
                "accountId": self.prefix.split(":")[4],
                "apiId": self.api["ApiId"],
                "domainName": headers["host"],
                "domainPrefix": headers["host"].split(".")[0],
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": headers["user-agent"],
                },
                "requestId": str(uuid4()),
                "routeKey": route.key,
                "stage": "$default",
                "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime()),
                "timeEpoch": int(time.time() * 1000),
            },
            "isBase64Encoded": False,
        }
        if "cookie" in headers:
            event["cookies"] = headers["cookie"].split("; ")
        if query:
            event["queryStringParameters"] = dict(parse_qsl(query))
        if parameters:
            event["pathParameters"] = parameters
        return event

    def authorize(self, route, event, headers):
        """Asks the authorizer. Returns the status of a refusal, or `None` and the context for the function."""
        identity = []
        for source in route.authorizer["IdentitySource"]:
            if source.startswith("$request.header."):
                value = headers.get(source.removeprefix("$request.header.").lower())
            else:
                value = event["routeKey"] if source == "$context.routeKey" else None
            if not value:
                return 401, None
            identity.append(value)
        arn = f"{self.prefix}/$default/{route.method}{event['rawPath']}"
        asked = {key: value for key, value in event.items() if key != "isBase64Encoded"}
        asked |= {"type": "REQUEST", "routeArn": arn, "identitySource": identity}
        function = function_of(route.authorizer["AuthorizerUri"])
        self.require_permission(function, f"{self.prefix}/authorizers/{route.authorizer['AuthorizerId']}")
        said = self.functions.invoke(function, asked)
        if route.authorizer.get("EnableSimpleResponses"):
            permitted = said["isAuthorized"]
        else:
            permitted = permits(said["policyDocument"], arn)
        return (None if permitted else 403), said.get("context", {})

    @staticmethod
    def require_permission(function, source):
        """Fails if the gateway may not invoke a function: a client would get 500."""
        if not may_invoke(function, "apigateway.amazonaws.com", source):
            raise AssertionError(f"API Gateway may not invoke {function} from {source}")


class Route:
    """A deployed route."""

    def __init__(self, key, function, authorizer):
        self.key, self.function, self.authorizer = key, function, authorizer
        self.method, self.path = key.split(" ")
        self.pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.path)))

    def match(self, method, path):
        return self.pattern.fullmatch(path) if method == self.method else None


def function_of(uri):
    """Returns the ARN of the function or alias in the URI of an integration or an authorizer."""
    return uri.partition("/functions/")[2].removesuffix("/invocations") or uri


def permits(policy, arn):
    """Returns whether a policy allows a request, and no statement denies it."""
    effects = set()
    for statement in policy["Statement"]:
        resources = statement["Resource"]
        for resource in [resources] if isinstance(resources, str) else resources:
            if fnmatchcase(arn, resource):
                effects.add(statement["Effect"])
    return effects == {"Allow"}
