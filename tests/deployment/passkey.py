"""A browser with an authenticator that holds one passkey (Web Authentication Level 3)."""

import base64
import json
import secrets
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 1, 4, 64
# The start of an attestation object in CBOR: no attestation, then the authenticator data, whose length follows.
ATTESTATION = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"
# The start of a COSE key of Ed25519.
COSE_KEY = bytes([0xA4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20])


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Passkey:
    """The passkey of a user, at one origin."""

    def __init__(self, origin):
        self.origin, self.key, self.id = origin, Ed25519PrivateKey.generate(), secrets.token_bytes(16)
        self.user_handle, self.counter = "", 0

    def create(self, options):
        """Makes the passkey, and returns what `toJSON()` of the browser's credential returns."""
        self.user_handle = options["user"]["id"]
        public = self.key.public_key().public_bytes_raw()
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + COSE_KEY + public
        data = self.data(options["rp"]["id"], credential)
        client = self.client_data("webauthn.create", options)
        made = ATTESTATION + bytes([len(data)]) + data
        response = {"clientDataJSON": encode(client), "attestationObject": encode(made), "transports": ["internal"]}
        return self.credential(response)

    def get(self, options):
        """Signs a challenge, and returns what `toJSON()` of the browser's credential returns."""
        self.counter += 1
        data, client = self.data(options["rpId"], b""), self.client_data("webauthn.get", options)
        signature = self.key.sign(data + sha256(client).digest())
        return self.credential(
            {
                "clientDataJSON": encode(client),
                "authenticatorData": encode(data),
                "signature": encode(signature),
                "userHandle": self.user_handle,
            }
        )

    def credential(self, response):
        own = {"id": encode(self.id), "rawId": encode(self.id), "type": "public-key"}
        return {**own, "authenticatorAttachment": "platform", "clientExtensionResults": {}, "response": response}

    def client_data(self, kind, options):
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def data(self, rp_id, credential):
        flags = USER_PRESENT | USER_VERIFIED | (HAS_CREDENTIAL if credential else 0)
        return sha256(rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big") + credential
