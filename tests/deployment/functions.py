"""Runs the binaries of deployed functions, each with the environment and the role that the stack gives it."""

import io
import tempfile
import threading
import time
import zipfile
from pathlib import Path

from moto.awslambda.models import lambda_backends
from moto.s3.models import s3_backends
from runtime_api import Process


class Functions:
    """All functions of an account. A process starts with the first invocation, and again after a change."""

    def __init__(self, binaries, proxy, roles, account, region, log, logs):
        self.binaries, self.proxy, self.roles, self.log = binaries, proxy, roles, log
        self.backend = lambda_backends[account][region]
        self.account, self.region, self.logs = account, region, logs
        self.unpacked = tempfile.TemporaryDirectory(prefix="functions-")
        self.running, self.lock = {}, threading.Lock()

    def invoke(self, arn, event):
        """Returns the answer of a function, or of the function behind an alias."""
        function = self.backend.get_function(":".join(arn.split(":")[:7]))
        environment = self.environment(function)
        with self.lock:
            running = self.running.get(function.function_name)
            if running is None or running.environment != environment:
                if running:
                    running.process.stop()
                running = Running(self.binary(function), environment, self.log)
                self.running[function.function_name] = running
        with running.lock:
            began, has_failed = time.monotonic(), True
            try:
                answer = running.process.invoke(event, int(function.timeout), arn)
                has_failed = False
                return answer
            finally:
                took = time.monotonic() - began
                self.logs.report(function, running.process.api.request_id, took, has_failed)

    def binary(self, function):
        """Returns the path of a function's binary. The name of the code is that of the binary, also in a release:
        `.../login.zip`. Only the SAM CLI uploads code under another name, and that is unpacked."""
        name = Path(function.code["S3Key"]).stem
        named, unpacked = self.binaries / name / "bootstrap", Path(self.unpacked.name) / name
        if named.exists() or unpacked.exists():
            return named if named.exists() else unpacked
        code = s3_backends[self.account]["aws"].get_object(function.code["S3Bucket"], function.code["S3Key"])
        with zipfile.ZipFile(io.BytesIO(code.value)) as archive:
            unpacked.write_bytes(archive.read("bootstrap"))
            # As at AWS, only an executable file starts.
            unpacked.chmod(archive.getinfo("bootstrap").external_attr >> 16 & 0o777)
        return unpacked

    def last_request_id(self, arn):
        """Returns Lambda's id of the last invocation of a function."""
        name = self.backend.get_function(":".join(arn.split(":")[:7])).function_name
        return self.running[name].process.api.request_id

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
            running.process.stop()
        self.running.clear()


class Running:
    """A running function with the environment that it was started with."""

    def __init__(self, binary, environment, log):
        self.environment, self.lock = environment, threading.Lock()
        self.process = Process(environment["AWS_LAMBDA_FUNCTION_NAME"], [binary], environment, log)
