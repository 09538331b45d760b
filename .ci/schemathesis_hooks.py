"""What schemathesis needs to know of Gatehouse: how to log in, and that a client repeats what is answered with 503."""

import os

import requests
import schemathesis
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

URL = os.environ["GATEHOUSE_URL"]
PASSWORD = os.environ["GATEHOUSE_PASSWORD"]

# On a busy machine, a call to the database can take longer than it may. The service then answers 503, and the contract
# says that a retry is safe. What is still 503 after the last try is a failure. A 429 is not repeated: by itself, `Retry`
# would wait for its `Retry-After`.
make_adapter = HTTPAdapter.__init__


def make_patient_adapter(self, *args, **kwargs):
    make_adapter(self, *args, **kwargs)
    self.max_retries = Retry(
        total=3,
        connect=0,
        read=0,
        status_forcelist=[503],
        allowed_methods=None,
        respect_retry_after_header=False,
        backoff_factor=1,
        raise_on_status=False,
    )


HTTPAdapter.__init__ = make_patient_adapter


# Schemathesis ends sessions, this one too, so it logs in again after some seconds.
@schemathesis.auth(refresh_interval=20)
class Login:
    # With a device token, these logins do not wait for the failed ones that schemathesis sends to the same address.
    device = {}

    def get(self, case, context):
        body = {"email": "demo@example.com", "password": PASSWORD, **self.device}
        answer = requests.post(f"{URL}/auth/login", json=body, timeout=10)
        answer.raise_for_status()
        tokens = answer.json()
        self.device["device_token"] = tokens["device_token"]
        return tokens["access_token"]

    def set(self, case, token, context):
        case.headers["Authorization"] = f"Bearer {token}"
