"""Logs the demo user in, so that schemathesis can call the protected operations."""

import os

import requests
import schemathesis

URL = os.environ["GATEHOUSE_URL"]
PASSWORD = os.environ["GATEHOUSE_PASSWORD"]


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
