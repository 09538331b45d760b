"""One function as a process, with the lines that it writes."""

import subprocess
import threading
import time

from runtime_api import FunctionFailed, Process


class Function:
    """A running function."""

    def __init__(self, name, command, environment, timeout):
        self.arn, self.timeout, self.lines = f"arn:aws:lambda:eu-west-1:123456789012:function:{name}", timeout, []
        lambdas = {
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        }
        begin = time.monotonic()
        self._process = Process(name, command, {**environment, **lambdas}, subprocess.PIPE)
        threading.Thread(target=self._read_lines, daemon=True).start()
        self._with_lines(self._process.wait_for_start)
        self.start_seconds = time.monotonic() - begin

    def invoke(self, event):
        """Returns the answer to the event and the seconds it took."""
        begin = time.monotonic()
        answer = self._with_lines(lambda: self._process.invoke(event, self.timeout, self.arn))
        return answer, time.monotonic() - begin

    def end(self):
        self._process.stop()

    def _with_lines(self, run):
        """Runs a step. The message of a failure has the last lines."""
        try:
            return run()
        except FunctionFailed as failure:
            time.sleep(0.2)
            raise FunctionFailed(f"{failure}: {self.lines[-3:]}") from None

    def _read_lines(self):
        for line in self._process.process.stdout:
            self.lines.append(line.rstrip("\n"))
