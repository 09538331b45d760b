"""The proxy in front of AWS. It refuses each call that the caller's role does not permit."""

import http.client
import json
import re
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

from moto.iam.exceptions import NotFoundException

from .backups import Backups
from .calls import Unknown
from .engine import OWN_PLACE

# What is not passed on, because it belongs to one connection.
OWN = ("connection", "content-length", "transfer-encoding", "host", "accept-encoding", "x-amz-crc32")


class Proxy:
    """A proxy on a free port of this machine. It records what it refused."""

    def __init__(self, aws, engine, roles, calls):
        self.aws, self.dynamodb, self.roles, self.calls = aws, engine.port, roles, calls
        self.backups = Backups(engine.client, calls.place)
        self.denied, self.failed, self.sent = [], [], []
        self.passed, self.fault, self.lock = 0, None, threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                status, headers, answer = proxy.answer(self.command, self.path, self.headers, body)
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer)))
                # A function that waits no longer has closed the connection.
                with suppress(BrokenPipeError, ConnectionResetError):
                    self.end_headers()
                    self.wfile.write(answer)

            do_GET = do_PUT = do_DELETE = do_POST

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, method, path, headers, body):
        """Returns the status, headers and body of the answer to a call."""
        target = headers.get("x-amz-target", "")
        role, service = self.signature(headers)
        if role:
            refusal = self.refusal(role, service, method, path, target, body)
            if refusal:
                return refusal
        if target == "AWSEvents.PutEvents" or (method, path) == ("POST", "/v2/email/outbound-emails"):
            return self.accept(json.loads(body))
        if method == "GET" and path.startswith("/v2/email/"):
            return of_ses(path)
        if (method, path) == ("GET", "/2016-08-19/account-settings/"):
            quota = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
            return 200, [("content-type", "application/json")], json.dumps({"AccountLimit": quota}).encode()
        status, answered, text = self.backups.answer(target, body) or self.forward(method, path, headers, body)
        with self.lock:
            self.passed += 1
            if status == 200:
                self.calls.remember(target, body, text)
            if status >= 500:
                self.failed.append(f"{method} {path} {target}")
        return status, answered, text

    def accept(self, said):
        """Keeps an event or a letter, in place of moto, whose bus fails at rules that are schedules."""
        with self.lock:
            self.sent.append(said)
            self.passed += 1
        entries = [{"EventId": str(uuid4())} for _ in said.get("Entries", [])]
        answer = {"FailedEntryCount": 0, "Entries": entries} if entries else {"MessageId": str(uuid4())}
        return 200, [("content-type", "application/json")], json.dumps(answer).encode()

    @contextmanager
    def refusing(self):
        """Collects the refusals of calls that nobody may make, in the list that it returns."""
        before, self.denied = self.denied, []
        try:
            yield self.denied
        finally:
            self.denied = before

    @contextmanager
    def failing(self, action, resource, code="ValidationException"):
        """Makes calls of functions for this action fail with a code, on resources whose ARN ends so."""
        self.fault = (action, resource, code)
        try:
            yield
        finally:
            self.fault = None

    def signature(self, headers):
        """Returns the role whose access key signed a call, or `None` for the owner of the account, and the name of the
        service."""
        found = re.search(r"Credential=([A-Z0-9a-z]+)/\d+/[^/]+/([^/]+)/", headers.get("authorization", ""))
        return (self.roles.names.get(found[1]), found[2]) if found else (None, "")

    def refusal(self, role, service, method, path, target, body):
        """Returns the answer to a call that a role may not make, or that is to fail, or `None`."""
        with self.lock:
            try:
                needed = self.calls.permissions(service, method, path, target, body)
                self.roles.statements(role)
            except Unknown as unknown:
                needed = [[(str(unknown), "*")]]
            except NotFoundException:
                return refuse("AccessDeniedException", "the role was deleted with its stack")
            for alternatives in needed:
                if not any(self.roles.permits(role, action, resource) for action, resource in alternatives):
                    action, resource = alternatives[0]
                    reason = f"{role} is not authorized to perform: {action} on resource: {resource}"
                    self.denied.append(reason)
                    return refuse("AccessDeniedException", reason)
        for action, resource in (each for alternatives in needed for each in alternatives):
            if self.fault and action == self.fault[0] and resource.endswith(self.fault[1]):
                return refuse(self.fault[2], "this test makes the call fail")
        return None

    def forward(self, method, path, headers, body):
        """Passes a call on to moto or DynamoDB Local, and returns its answer."""
        target, place = headers.get("x-amz-target", ""), self.calls.place.encode()
        port = self.dynamodb if target.startswith("DynamoDB") else self.aws
        if target.startswith("DynamoDBStreams_"):
            body = body.replace(place, OWN_PLACE.encode())
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        passed = {name: value for name, value in headers.items() if name.lower() not in OWN}
        connection.request(method, path, body, {**passed, "Host": headers.get("host", "")})
        response = connection.getresponse()
        text = response.read()
        if port == self.dynamodb:
            text = text.replace(OWN_PLACE.encode(), place)
        connection.close()
        return response.status, [(n, v) for n, v in response.getheaders() if n.lower() not in OWN], text


def refuse(code, reason):
    """Returns the answer to a call that is refused."""
    said = json.dumps({"__type": code, "message": reason, "Message": reason}).encode()
    headers = [("content-type", "application/x-amz-json-1.0"), ("x-amzn-errortype", code)]
    return 400, headers, said


def of_ses(path):
    """Answers what moto cannot: the account sends, and no address is on the suppression list."""
    if path == "/v2/email/account":
        quota = {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 7.0}
        said = {"ProductionAccessEnabled": True, "SendingEnabled": True, "SendQuota": quota}
        return 200, [("content-type", "application/json")], json.dumps(said).encode()
    headers = [("content-type", "application/json"), ("x-amzn-errortype", "NotFoundException")]
    return 404, headers, b'{"message":"not on the list"}'
