"""Runs every function of the template as its own process, and sends each of them at least one event.

The events are those of one user's life: the first rotation of the keys, a registration by mail, a session, a second
factor, a new password, a deletion and a change of mind. DynamoDB and Secrets Manager are moto's; SES and EventBridge
are a stub in this program. Every answer must be the one that the contract promises.

Usage: journey.py FOLDER ENDPOINT [COMMAND...], with the folder that has <function>/bootstrap, the URL of moto, and the
command that runs a binary, such as `qemu-aarch64 -L /usr/aarch64-linux-gnu`.
"""

import base64
import hashlib
import hmac
import json
import re
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from function import Function
from runtime_api import FunctionFailed
from stack import CREDENTIALS, Stack, load

ROOT = Path(__file__).resolve().parents[2]
ISSUER = "https://login.example.com"
EMAIL = "ada@example.com"
PASSWORDS = ["correct horse battery staple", "another horse battery staple", "yet another horse battery"]
PARAMETERS = {
    "Issuer": ISSUER, "Audience": "https://api.example.com", "MailVia": "ses", "MailFrom": "login@example.com",
    "MailIdentity": "example.com", "Registration": "on", "DeletionDays": 1, "EventBus": "default", "Pages": "on",
}


class Providers:
    """A stub of SES and of EventBridge that keeps what it gets."""

    def __init__(self):
        self.mails, self.events = [], []
        providers = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.path == "/v2/email/outbound-emails":
                    providers.mails.append(body)
                    answer = {"MessageId": "mail"}
                else:
                    providers.events.extend(body["Entries"])
                    answer = {"FailedEntryCount": 0, "Entries": [{"EventId": "event"} for _ in body["Entries"]]}
                text = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"


class Journey:
    """The functions, which start when they get their first event."""

    def __init__(self, folder, endpoint, command):
        self.folder, self.command = Path(folder), command
        self.template = load(ROOT / "template.yaml")
        self.stack = Stack(self.template, endpoint, PARAMETERS)
        self.declared = self.stack.functions()
        self.providers = Providers()
        self.running, self.rows, self.delivered = {}, {}, set()
        self.endpoints = {
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_ENDPOINT_URL_SECRETS_MANAGER": endpoint,
            "AWS_ENDPOINT_URL_SESV2": self.providers.url, "AWS_ENDPOINT_URL_EVENTBRIDGE": self.providers.url,
        }

    def invoke(self, name, event):
        function = self.running.get(name) or self._start(name)
        answer, seconds = function.invoke(event)
        self.rows.setdefault(name, [function.start_seconds, seconds, ""])[2] = _describe(answer)
        return answer

    def _start(self, name):
        environment, timeout = self.declared[name]
        environment = {**environment, **CREDENTIALS, **self.endpoints, "ISSUER": ISSUER}
        command = [*self.command, str(self.folder / name / "bootstrap")]
        self.running[name] = Function(name, command, environment, timeout)
        return self.running[name]

    def send(self, function, route, body=None, token=None, expect=200, path=None):
        """Sends a request through the authorizer if it has a token, and returns the body of the answer."""
        event = self._request(route, path or route.split()[1], body)
        if token:
            event["requestContext"]["authorizer"] = {"lambda": self.authorize(route, token)}
        answer = self.invoke(function, event)
        for _ in range(4):
            if answer["statusCode"] != 503:
                break
            # A call to moto took too long, because this machine is busy with something else. A source that could not be
            # read is not read again for five seconds.
            time.sleep(6)
            answer = self.invoke(function, event)
        _check(answer["statusCode"] == expect, f"{route} got {answer['statusCode']}: {answer.get('body')}")
        text = answer.get("body") or ""
        is_json = "json" in str(answer.get("headers", {})) + str(answer.get("multiValueHeaders", {}))
        return json.loads(text) if is_json and text else text

    def authorize(self, route, token):
        answer = self.invoke("authorizer", self._authorizer_event(route, token))
        is_allowed = answer.get("isAuthorized", "policyDocument" in answer and "Allow" in json.dumps(answer))
        _check(is_allowed, f"the authorizer refused a good token: {answer}")
        return answer["context"]

    def is_refused(self, token):
        answer = self.invoke("authorizer", self._authorizer_event("GET /auth/me", token))
        return answer.get("isAuthorized") is False or "Deny" in json.dumps(answer)

    def deliver(self, mailer):
        """Gives the requested mails to a mailer, as the table's stream does with the filter of the template."""
        for item in self.stack.items("MailTable"):
            mark = json.dumps(item, sort_keys=True)
            if "purpose" in item and "sent_at" not in item and mark not in self.delivered:
                self.delivered.add(mark)
                answer = self.invoke(mailer, _stream_event(item))
                _check(answer == {"batchItemFailures": []}, f"{mailer}: {answer}")

    @staticmethod
    def _request(route, path, body):
        method, _ = route.split()
        return {
            "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "",
            "headers": {"content-type": "application/json", "user-agent": "journey"},
            "requestContext": {
                "accountId": "123456789012", "apiId": "abc123", "domainName": "login.example.com",
                "domainPrefix": "login", "requestId": "gateway-request", "routeKey": route, "stage": "$default",
                "time": "14/Nov/2023:22:13:20 +0000", "timeEpoch": int(time.time() * 1000),
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7",
                         "userAgent": "journey"},
            },
            "isBase64Encoded": False, **({"body": json.dumps(body)} if body is not None else {}),
        }

    def _authorizer_event(self, route, token):
        method, path = route.split()
        return {
            **self._request(route, path, None), "type": "REQUEST", "identitySource": [f"Bearer {token}", route],
            "routeArn": f"arn:aws:execute-api:eu-west-1:123456789012:abc123/$default/{method}{path}",
            "headers": {"authorization": f"Bearer {token}"},
        }


def live(journey):
    """One user's life."""
    for secret in ("AccessKeys", "RefreshKeys"):
        rotate(journey, secret)
    keys = journey.send("jwks", "GET /.well-known/jwks.json")["keys"]
    _check([key["alg"] for key in keys] == ["RS256"], f"the keys are {keys}")

    journey.send("request-mail", "POST /auth/register", {"email": EMAIL}, expect=202)
    journey.deliver("mailer-ses")
    proof = {"token": link(journey.providers.mails), "password": PASSWORDS[0]}
    tokens = journey.send("register", "POST /auth/register/confirm", proof)
    access = tokens["access_token"]
    _check(access.split(".")[0] and _part(access, 0)["alg"] == "RS256", "the access token is not signed with RS256")

    signed, signature = access.rsplit(".", 1)
    wrong = ("B" if signature[0] == "A" else "A") + signature[1:]
    _check(journey.is_refused(f"{signed}.{wrong}"), "a wrong signature was accepted")
    me = journey.send("me", "GET /auth/me", token=access)
    _check(me["email"] == EMAIL, f"me is {me}")
    _check("<html" in journey.send("pages", "GET /").lower(), "the page is not HTML")
    tokens = journey.send("refresh", "POST /auth/refresh", {"refresh_token": tokens["refresh_token"]})
    listed = journey.send("sessions", "GET /auth/sessions", token=access)["sessions"]
    _check(len(listed) == 1, f"the sessions are {listed}")
    access = journey.send("confirm", "POST /auth/confirm", {"password": PASSWORDS[0]}, access)["access_token"]
    moving = {"email": "ada@example.org", "password": PASSWORDS[0]}
    journey.send("address", "POST /auth/address", moving, access, 202)
    changed = {"current_password": PASSWORDS[0], "new_password": PASSWORDS[1]}
    journey.send("password", "POST /auth/password", changed, access)

    enrolment = journey.send("factors", "POST /auth/factors/totp", {}, access)
    proof = {"enrolment": enrolment["enrolment"], "code": totp(enrolment["secret"])}
    codes = journey.send("factors", "POST /auth/factors/totp/confirm", proof, access)["recovery_codes"]
    tokens = log_in(journey, PASSWORDS[1], codes)
    journey.send("passkey-login", "POST /auth/passkey/options", {})
    journey.send("logout", "POST /auth/logout", {"refresh_token": tokens["refresh_token"]}, expect=204)

    journey.stack.forget_mails()
    journey.send("request-mail", "POST /auth/forgot", {"email": EMAIL}, expect=202)
    journey.deliver("mailer-event")
    proof = {"token": link(journey.providers.events), "new_password": PASSWORDS[2], "recovery_code": codes.pop()}
    journey.send("reset", "POST /auth/reset", proof)

    access = log_in(journey, PASSWORDS[2], codes)["access_token"]
    journey.send("delete-account", "POST /auth/account/delete", {"password": PASSWORDS[2]}, access, 202)
    journey.deliver("mailer-ses")
    proof = {"token": link(journey.providers.mails), "password": PASSWORDS[2], "recovery_code": codes.pop()}
    journey.send("keep-account", "POST /auth/account/keep", proof)
    _check(journey.invoke("remove-accounts", {}) is None, "remove-accounts answered something")
    _check(journey.invoke("compact-feed", {}) is None, "compact-feed answered something")

    user = next(item for item in journey.stack.items("UsersTable") if EMAIL in json.dumps(item))
    published = journey.invoke("publish-events", _stream_event(user))
    kinds = [entry["DetailType"] for entry in journey.providers.events]
    _check(published == {"batchItemFailures": []} and "gatehouse.user.created" in kinds, f"{published}, {kinds}")


def log_in(journey, password, codes):
    body = {"email": EMAIL, "password": password}
    step = journey.send("login", "POST /auth/login", body, expect=401)
    _check(step["error"] == "mfa_required", f"the login answered {step}")
    body = {"mfa_token": step["mfa_token"], "recovery_code": codes.pop()}
    return journey.send("second-step", "POST /auth/login/second", body)


def rotate(journey, secret):
    """Does what Secrets Manager does for the first rotation."""
    arn, version = journey.stack.arn(secret), "00000000-0000-4000-8000-000000000001"
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        journey.invoke("rotate-keys", {"Step": step, "SecretId": arn, "ClientRequestToken": version})


def link(kept):
    """Returns the token of the newest link in the mails."""
    found = re.findall(r"\?token=([\w.~-]+)", json.dumps(kept))
    _check(found, f"no mail has a link: {kept}")
    return found[-1]


def totp(secret):
    """Returns the code of an app now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def version_of_workspace():
    found = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1]


def check_lines(journey):
    """Every line of a log is JSON, and has the version."""
    version, counted = version_of_workspace(), 0
    for name, function in journey.running.items():
        for line in function.lines:
            try:
                event = json.loads(line)
            except ValueError:
                raise FunctionFailed(f"{name} wrote a line that is not JSON: {line}") from None
            _check(event.get("version") == version, f"{name} wrote a line without the version {version}: {line}")
            counted += 1
    return counted


def _stream_event(item):
    return {"Records": [{"eventID": "record", "dynamodb": {"SequenceNumber": "1", "NewImage": item}}]}


def _part(token, index):
    part = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _describe(answer):
    if isinstance(answer, dict):
        for name in ("statusCode", "isAuthorized", "policyDocument", "batchItemFailures"):
            if name in answer:
                return f"{name} {json.dumps(answer[name])[:60]}"
    return json.dumps(answer)


def _check(holds, message):
    if not holds:
        raise FunctionFailed(message)


def main():
    folder, endpoint, *command = sys.argv[1:]
    begin = time.monotonic()
    journey = Journey(folder, endpoint, command)
    try:
        live(journey)
        silent = sorted(set(journey.declared) - set(journey.rows))
        _check(not silent, f"these functions got no event: {silent}")
        counted = check_lines(journey)
    except FunctionFailed as failed:
        for name, function in journey.running.items():
            print(*(f"{name}: {line}" for line in function.lines[-2:]), sep="\n", file=sys.stderr)
        sys.exit(f"journey: {failed}")
    finally:
        for function in journey.running.values():
            function.end()
    print(f"{'function':16} {'start':>6} {'answer':>7}  what")
    for name, (start, answer, what) in sorted(journey.rows.items()):
        print(f"{name:16} {start:5.2f}s {answer:6.2f}s  {what}")
    print(f"{len(journey.rows)} functions, {counted} log lines with the version, {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
