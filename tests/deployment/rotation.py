"""Rotates secrets as Secrets Manager does: it makes a pending version and calls the function four times."""

import json
import threading
import time
from uuid import uuid4

from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


class Rotations:
    """The rotations of an account in a region. As at AWS, one runs in the background."""

    of_regions = {}

    def __init__(self, functions, may_invoke):
        self.functions, self.may_invoke = functions, may_invoke
        self.running, self.failed, self.done = [], [], 0
        self.of_regions[functions.region] = self
        SecretsManagerBackend.rotate_secret = lambda backend, *arguments, **details: self.of_regions[
            backend.region_name
        ].start(backend, *arguments, **details)

    def start(
        self, backend, secret_id, client_request_token=None, rotation_lambda_arn=None, rotation_rules=None, **_rest
    ):
        """Starts a rotation, and returns what `RotateSecret` answers."""
        secret = backend.secrets[secret_id]
        function = rotation_lambda_arn or secret.rotation_lambda_arn
        if not function or not self.may_invoke(function, "secretsmanager.amazonaws.com"):
            raise InvalidRequestException("Secrets Manager cannot invoke the specified Lambda function.")
        pending = [version for version in secret.versions.values() if "AWSPENDING" in version["version_stages"]]
        if any("AWSCURRENT" not in version["version_stages"] for version in pending):
            raise InvalidRequestException("A previous rotation isn't complete. That rotation will be reattempted.")
        secret.rotation_lambda_arn, secret.rotation_enabled = function, True
        if rotation_rules:
            secret.auto_rotate_after_days = rotation_rules["AutomaticallyAfterDays"]
            secret.next_rotation_date = int(time.time()) + secret.auto_rotate_after_days * 86400
        token = client_request_token or str(uuid4())
        thread = threading.Thread(target=self.run, args=(secret, function, token), daemon=True)
        self.running.append(thread)
        thread.start()
        return secret.to_short_dict(version_id=token)

    def run(self, secret, function, token):
        """Calls the function for each step. A failure ends the rotation."""
        for step in STEPS:
            event = {"Step": step, "SecretId": secret.arn, "ClientRequestToken": token, "RotationToken": str(uuid4())}
            try:
                self.functions.invoke(function, event)
            except Exception as error:
                self.failed.append(f"{step}: {error}")
                return
        secret.last_rotation_date = int(time.time())
        self.done += 1

    def forget(self):
        """Waits until no rotation runs, and forgets the failed ones: their stack was removed meanwhile."""
        while self.running:
            self.running.pop().join()
        self.failed.clear()

    def wait(self):
        """Waits until no rotation runs. Fails if one failed."""
        while self.running:
            self.running.pop().join()
        if self.failed:
            raise AssertionError(f"a rotation failed: {self.failed}")
