"""Runs a function's binary as Lambda does: under a stub of the Runtime API, which gives it one event after another."""

import json
import queue
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

# The maximum time for a start and an answer, in seconds. The machine may be busy.
PATIENCE = 60


class FunctionFailed(Exception):
    """A function that does not start, ends, answers an error or does not answer in time."""


class Process:
    """The process of one function. `output` is what its output is written to."""

    def __init__(self, name, command, environment, output):
        self.name = name
        self.api = RuntimeApi()
        self.process = subprocess.Popen(
            command,
            env={**environment, "AWS_LAMBDA_RUNTIME_API": self.api.address},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for_start(self):
        """Waits until the function asks for an event, or reports that it cannot start."""
        self.wait_until(self.api.is_started.is_set, "does not ask for an event")

    def invoke(self, event, timeout, arn):
        """Returns the answer to an event. `timeout` is the function's own, in seconds."""
        self.api.events.put((json.dumps(event), timeout, arn))
        self.wait_until(lambda: not self.api.answers.empty(), "does not answer")
        is_answer, text = self.api.answers.get()
        if not is_answer:
            raise FunctionFailed(f"{self.name}: {text}")
        return json.loads(text)

    def wait_until(self, condition, what):
        """Waits until a condition holds. Fails if the process ends before, or after some time."""
        until = time.monotonic() + PATIENCE
        while not condition():
            if self.process.poll() is not None:
                raise FunctionFailed(f"{self.name} ended with {self.process.returncode}")
            if time.monotonic() > until:
                raise FunctionFailed(f"{self.name} {what} for {PATIENCE} s")
            time.sleep(0.005)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.api.stop()


class RuntimeApi:
    """The Runtime API of one function, on a free port. It hands out `events`, and collects `answers`."""

    def __init__(self):
        self.events, self.answers, self.is_started = queue.Queue(), queue.Queue(), threading.Event()
        # Lambda's id of the last invocation.
        self.request_id = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def handler(api):
    """Returns the handler of requests to a Runtime API."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            api.is_started.set()
            event, timeout, arn = api.events.get()
            api.request_id = str(uuid4())
            headers = {
                "lambda-runtime-aws-request-id": api.request_id,
                "lambda-runtime-deadline-ms": str(int((time.time() + timeout) * 1000)),
                "lambda-runtime-invoked-function-arn": arn,
                "lambda-runtime-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
            }
            self.reply(200, event.encode(), headers)

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            self.reply(202, b'{"status":"OK"}', {})
            api.answers.put((self.path.endswith("/response"), body.decode()))
            api.is_started.set()

        def reply(self, status, body, headers):
            self.send_response_only(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    return Handler
