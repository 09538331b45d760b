"""What the gateway, the functions and Lambda log, in moto's log groups."""

import json
import re
import time
from datetime import datetime

from moto.awslambda.models import lambda_backends
from moto.logs.models import logs_backends

from .insights import row_of

STREAM = "deployment"


class Logs:
    """The logs of an account in a region. `file` is the file with the output of the functions."""

    def __init__(self, account, region, file):
        self.groups = logs_backends[account][region].groups
        self.functions = lambda_backends[account][region]
        self.file, self.read = file, 0

    def put(self, group, line, at=None):
        """Adds a line to a group, at a time in milliseconds. A group of a stack that was deleted gets none."""
        if group not in self.groups:
            return
        streams = self.groups[group].streams
        if STREAM not in streams:
            self.groups[group].create_log_stream(STREAM)
        event = {"timestamp": at or int(time.time() * 1000), "message": line}
        streams[STREAM].put_log_events([event])

    def collect(self):
        """Puts what the functions have written since the last call into the group of each."""
        with open(self.file.name, "rb") as file:
            file.seek(self.read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self.read += len(whole)
        for line in whole.decode(errors="replace").splitlines():
            if group := self.group_of(line):
                at = datetime.fromisoformat(json.loads(line)["timestamp"])
                self.put(group, line, int(at.timestamp() * 1000))

    def group_of(self, line):
        """Returns the group of the function that wrote a line, or `None` if it is no log line of a function."""
        try:
            name = json.loads(line)["function_name"]
            return group_of(self.functions.get_function(name))
        except Exception:  # moto has an exception for a function that was deleted, and a line may be anything.
            return None

    def rows(self, groups):
        """Returns the fields of all lines of these groups."""
        found = [self.groups[group] for group in groups]
        streams = [(group, stream) for group in found for stream in group.streams.values()]
        return [row_of(event, group) for group, stream in streams for event in stream.events]

    def report(self, function, request_id, seconds, has_failed):
        """Writes Lambda's own line about an invocation."""
        took = round(seconds * 1000, 2)
        metrics = {"durationMs": took, "billedDurationMs": int(took) + 1, "memorySizeMB": int(function.memory_size)}
        metrics["maxMemoryUsedMB"] = 20
        record = {"requestId": request_id, "status": "error" if has_failed else "success", "metrics": metrics}
        self.put(group_of(function), json.dumps({"type": "platform.report", "record": record}))


def group_of(function):
    return (getattr(function, "logging_config", None) or {}).get("LogGroup")


class AccessLog:
    """The access log of an API's stage."""

    def __init__(self, logs, stage):
        settings = stage["AccessLogSettings"]
        self.logs, self.format = logs, settings["Format"]
        self.group = settings["DestinationArn"].split(":log-group:")[1].removesuffix(":*")

    def write(self, known):
        """Writes the entry of a request. A variable that is not known is `-`, as the gateway writes it."""
        value = {name: "-" if each is None else str(each) for name, each in known.items()}
        entry = re.sub(r"\$context\.([\w.]+)", lambda found: value.get(found[1], "-"), self.format)
        self.logs.put(self.group, entry)
