"""Runs the binaries of deployed functions, as Lambda does, under a stub of the Runtime API."""

import json
import queue
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

from moto.awslambda.models import lambda_backends

# The maximum time for a start, in seconds. The machine may be busy.
PATIENCE = 60


class FunctionFailed(Exception):
    """An invocation that ended in an error."""


class Functions:
    """All functions of an account. A process starts with the first invocation, and again after a change."""

    def __init__(self, binaries, proxy, roles, account, region, log):
        self.binaries, self.proxy, self.roles, self.log = binaries, proxy, roles, log
        self.backend = lambda_backends[account][region]
        self.region = region
        self.running, self.lock = {}, threading.Lock()

    def invoke(self, arn, event):
        """Returns the answer of a function, or of the function behind an alias."""
        function = self.backend.get_function(":".join(arn.split(":")[:7]))
        environment = self.environment(function)
        with self.lock:
            running = self.running.get(function.function_name)
            if running is None or running.environment != environment:
                if running:
                    running.stop()
                # The name of the code is that of the binary, also in a release: `.../login.zip`.
                binary = self.binaries / Path(function.code["S3Key"]).stem / "bootstrap"
                running = Running(binary, environment, self.log)
                self.running[function.function_name] = running
        with running.lock:
            return running.invoke(json.dumps(event), int(function.timeout), arn)

    def role(self, arn):
        """Returns the name of a function's role."""
        return self.backend.get_function(arn).role.split("/")[-1]

    def environment(self, function):
        """Returns the environment that Lambda gives a function. Its credentials are those of its role."""
        group = function.logging_config.get("LogGroup") if getattr(function, "logging_config", None) else None
        name = function.function_name
        return {
            **{key: str(value) for key, value in function.environment_vars.items()},
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.roles.key_id(function.role),
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_SESSION_TOKEN": "example",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": group or f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]0",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_ENDPOINT_URL": self.proxy,
        }

    def stop(self):
        for running in self.running.values():
            running.stop()
        self.running.clear()


class Running:
    """The process of one function, with a Runtime API of its own."""

    def __init__(self, binary, environment, log):
        self.environment, self.lock = environment, threading.Lock()
        self.events, self.answers = queue.Queue(), queue.Queue()
        self.api = runtime_api(self.events, self.answers)
        port = self.api.server_address[1]
        self.process = subprocess.Popen(
            [binary],
            env={**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )

    def invoke(self, event, timeout, arn):
        """Returns the answer to an event. The function has its own timeout, and more time for its start."""
        self.events.put((event, timeout, arn))
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                is_answer, text = self.answers.get(timeout=0.2)
            except queue.Empty:
                if self.process.poll() is not None:
                    break
                continue
            if not is_answer:
                raise FunctionFailed(text)
            return json.loads(text)
        raise FunctionFailed(f"{self.environment['AWS_LAMBDA_FUNCTION_NAME']}: ended or did not answer")

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.api.shutdown()
        self.api.server_close()


def runtime_api(events, answers):
    """Starts a Runtime API on a free port. It hands out `events` and collects `answers`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            event, timeout, arn = events.get()
            deadline = int((time.time() + timeout) * 1000)
            self.reply(
                200,
                event.encode(),
                {
                    "lambda-runtime-aws-request-id": str(uuid4()),
                    "lambda-runtime-deadline-ms": str(deadline),
                    "lambda-runtime-invoked-function-arn": arn,
                    "lambda-runtime-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                },
            )

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            answers.put((self.path.endswith("/response"), body.decode()))
            self.reply(202, b'{"status":"OK"}', {})

        def reply(self, status, body, headers):
            self.send_response_only(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
