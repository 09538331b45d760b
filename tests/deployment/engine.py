"""DynamoDB on this machine: Amazon's own engine, which `.ci/dynamodb-local install` installs.

moto's DynamoDB needs most of a second for a page of a thousand items, which is more than a function waits.
"""

import socket
import subprocess
import time

import boto3

# What the engine writes in ARNs in place of the region and the account.
OWN_PLACE = "ddblocal:000000000000"


class Engine:
    """A DynamoDB on a free port, in memory."""

    def __init__(self, folder, log):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = ["java", "-Xmx512m", "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
        command += ["-inMemory", "-sharedDb", "-port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.client = boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{self.port}")

    def wait(self):
        """Waits until the engine answers."""
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise AssertionError("DynamoDB Local did not start")

    def stop(self):
        self.process.kill()
        self.process.wait()
