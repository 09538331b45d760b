"""A whole rotation of the access keys on the local stack, watched by the libraries of others.

Each library lives in one process from the first phase to the last, so that its cache of the keys is as old as it gets.
"""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

CLIENTS = sys.argv[1]
PORTS = {"--port": "3200", "--functions-port": "9200", "--database-port": "8200"}
ISSUER = "http://localhost:3200"
AUDIENCE = "gatehouse-local"
LIBRARIES = {
    "jose": ["node", f"{CLIENTS}/jose.mjs"],
    "aws-jwt-verify": ["node", f"{CLIENTS}/aws-jwt-verify.mjs"],
    "PyJWT": [sys.executable, f"{CLIENTS}/pyjwt.py"],
}


class Library:
    """One library in a process of its own."""

    def __init__(self, name):
        self.name = name
        self.process = subprocess.Popen(
            LIBRARIES[name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "ISSUER": ISSUER},
        )

    def verdict(self, token, audience=AUDIENCE):
        self.process.stdin.write(f"{audience} {token}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Stack:
    """`cargo dev --rotate`, and what it says."""

    def __init__(self):
        ports = [part for option in PORTS.items() for part in option]
        self.process = subprocess.Popen(
            ["cargo", "dev", "--rotate", *ports], stdout=subprocess.PIPE, text=True
        )

    def wait_for(self, pattern):
        for line in self.process.stdout:
            found = re.search(pattern, line)
            if found:
                return found[1]
        raise SystemExit(f"clients: cargo dev ended before it said {pattern}")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)


def expect(library, phase, token, wanted, audience=AUDIENCE):
    found = library.verdict(token, audience)
    print(f"{library.name}: {phase}: {found}", flush=True)
    if not found.startswith(wanted):
        raise SystemExit(f"clients: {library.name} should have said {wanted}")


def expect_all(libraries, phase, token):
    head, claims, signature = token.split(".")
    forged = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged["role"] = "admin"
    forged = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    for library in libraries:
        expect(library, phase, token, "accepted")
        expect(library, f"{phase}, for another audience", token, "refused", "another")
        expect(library, f"{phase}, with another role", f"{head}.{forged}.{signature}", "refused")


def get(path, body=None):
    headers = {"content-type": "application/json"}
    data = body and json.dumps(body).encode()
    request = urllib.request.Request(ISSUER + path, data, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def listed():
    return {key["kid"] for key in get("/.well-known/jwks.json")["keys"]}


def main():
    libraries = []
    stack = Stack()
    try:
        credentials = {name: stack.wait_for(rf"^  {name} +(\S+)") for name in ("email", "password")}

        def login():
            token = get("/auth/login", credentials)["access_token"]
            head = token.split(".")[0]
            return token, json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]

        libraries = [Library(name) for name in LIBRARIES]
        first, old = login()
        expect_all(libraries, "before the rotation", first)

        new = stack.wait_for(r"rotation: key (\S+) is published")
        time.sleep(6)  # `jwks` looks at the feed every five seconds.
        assert listed() == {old, new}, "the successor is not published beside the key that signs"
        token, kid = login()
        assert kid == old, "the successor signs too early"
        expect_all(libraries, "the successor is published", token)

        stack.wait_for(r"rotation: key (\S+) signs from now on")
        token, kid = login()
        assert kid == new, "the successor does not sign"
        expect_all(libraries, "the successor signs", token)
        for library in libraries:
            expect(library, "the first key's last token", first, "accepted")

        command = ["key", "retire", "access", old, "--local", "--database-port", PORTS["--database-port"]]
        subprocess.run(["cargo", "authctl", *command], check=True)
        time.sleep(6)
        assert listed() == {new}, "a retired key is still published"
        for name in LIBRARIES:
            fresh = Library(name)
            libraries.append(fresh)
            expect(fresh, "afresh, after the first key's retirement", first, "refused")
        expect_all(libraries, "after the first key's retirement", token)
    finally:
        for library in libraries:
            library.end()
        stack.end()


main()
