"""One function as a process, with a stub of the Lambda Runtime API that gives it one event after another."""

import json
import queue
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 60
PREFIX = "/2018-06-01/runtime/"


class Failed(Exception):
    """A function that does not start, ends, answers an error or does not answer in time."""


class Function:
    """A running function. It starts with the first event."""

    def __init__(self, name, command, environment, timeout):
        self.name, self.timeout = name, timeout
        self.lines = []
        self._events, self._answers, self._ready = queue.Queue(), queue.Queue(), threading.Event()
        self._invocations = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        lambdas = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        }
        begin = time.monotonic()
        self._process = subprocess.Popen(
            command, env={**environment, **lambdas}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self._read_lines, daemon=True).start()
        self._wait_until(self._ready.is_set, "does not ask for an event")
        self.start_seconds = time.monotonic() - begin

    def invoke(self, event):
        """Returns the answer to the event and the seconds it took."""
        self._invocations += 1
        begin = time.monotonic()
        self._events.put((f"invocation-{self._invocations}", json.dumps(event)))
        self._wait_until(lambda: not self._answers.empty(), "does not answer")
        kind, body = self._answers.get()
        if kind != "response":
            raise Failed(f"{self.name} answered with an error: {body}")
        return json.loads(body), time.monotonic() - begin

    def end(self):
        self._process.kill()
        self._process.wait()
        self._server.shutdown()

    def next_event(self):
        self._ready.set()
        return self._events.get()

    def report(self, kind, body):
        self._answers.put((kind, body))
        self._ready.set()

    def _wait_until(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            if self._process.poll() is not None:
                time.sleep(0.2)
                raise Failed(f"{self.name} ended with {self._process.returncode}: {self.lines[-3:]}")
            if time.monotonic() > end:
                raise Failed(f"{self.name} {what} for {PATIENCE} s: {self.lines[-3:]}")
            time.sleep(0.005)

    def _read_lines(self):
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))


def _handler(function):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            identity, event = function.next_event()
            deadline = int((time.time() + function.timeout) * 1000)
            self._send(200, event.encode(), {
                "Lambda-Runtime-Aws-Request-Id": identity,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:eu-west-1:123456789012:function:{function.name}",
            })

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            self._send(202, b'{"status":"OK"}', {})
            function.report(self.path.removeprefix(PREFIX).rsplit("/", 1)[-1], body)

        def _send(self, status, body, headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler
