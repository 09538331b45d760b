#!/usr/bin/env python3
"""A verifier that uses PyJWT as its manual does. Its arguments are an issuer and the URL of the keys; see verdicts.mjs."""

import json
import sys

import jwt

issuer, jwks_uri = sys.argv[1:]
keys = jwt.PyJWKClient(jwks_uri)


def verdict(audience: str, token: str) -> dict:
    try:
        key = keys.get_signing_key_from_jwt(token)
        return {"claims": jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, audience=audience)}
    except jwt.PyJWTError as error:
        return {"refused": str(error)}


for line in sys.stdin:
    print(json.dumps(verdict(*line.split()), separators=(",", ":")), flush=True)
