"""PyJWT, with its own cache of the keys at its defaults."""

import os
import sys

import jwt

issuer = os.environ["ISSUER"]
keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")

for line in sys.stdin:
    audience, token = line.split()
    try:
        key = keys.get_signing_key_from_jwt(token)
        jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, audience=audience)
        print("accepted", flush=True)
    except jwt.PyJWTError as error:
        print(f"refused: {error}", flush=True)
