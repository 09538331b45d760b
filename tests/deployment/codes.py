"""The codes of an authenticator app (RFC 6238) and the proofs in letters."""

import base64
import hashlib
import hmac
import json
import re
import struct
import time


def code(secret, steps=0):
    """Returns the six digits of a seed in base32, now or some steps of 30 seconds later."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def wait_for_code():
    """Waits until the present code is valid for some seconds more."""
    rest = 30 - time.time() % 30
    if rest < 4:
        time.sleep(rest)


class Letter:
    """A mail that a function handed over."""

    def __init__(self, to, text):
        self.to, self.text = to, text

    @property
    def token(self):
        """Returns the token of the link."""
        return re.search(r"[?#&]token=([A-Za-z0-9_.~-]+)", self.text)[1]

    @property
    def code(self):
        """Returns the code, as the person would type it."""
        return re.search(r"^\s*(\d{4}[ -]?\d{4})\s*$", self.text, re.MULTILINE)[1]


def letter_of(sent):
    """Returns the letters in a call of EventBridge or SES that the proxy has seen."""
    if "Entries" in sent:
        details = [json.loads(e["Detail"]) for e in sent["Entries"] if e["DetailType"] == "gatehouse.mail.requested"]
        return [Letter(detail["to"], detail["text"]) for detail in details]
    content = sent["Content"]["Simple"]["Body"]["Text"]["Data"]
    return [Letter(sent["Destination"]["ToAddresses"][0], content)]
