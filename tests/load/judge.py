"""The checks of an answer. No message contains a token, a password or an address."""

import base64
import json
import re

AUDIENCE = "gatehouse-local"
CLIENT = "gatehouse"
ACCESS_SECONDS = 900
IDLE_SECONDS = 604_800


class Wrong(Exception):
    """An answer that the service must not give."""


class Undecided(Exception):
    """An answer that may be right, but after which the state of the user is not known."""


class Answer:
    """An answer, and the times at which the request was sent and answered, in seconds since 1970."""

    def __init__(self, status, headers, text, sent, answered):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.sent = sent
        self.answered = answered
        try:
            self.body = json.loads(text) if text else None
        except ValueError:
            self.body = "no JSON"

    @property
    def error(self):
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error if isinstance(error, str) and re.fullmatch("[a-z_]{1,40}", error) else None


def require(condition, message):
    if not condition:
        raise Wrong(message)


def require_status(answer, status, error=None):
    found = f"{answer.status} {answer.error}" if answer.error else str(answer.status)
    wanted = f"{status} {error}" if error else str(status)
    require(answer.status == status and answer.error == error, f"{wanted} was expected, and {found} came")
    if answer.error or status in (200, 204):
        require(answer.headers.get("cache-control") == "no-store", "the answer may be cached")
    if answer.status == 401 and error:
        require("www-authenticate" in answer.headers, "a 401 has no WWW-Authenticate")
        require(isinstance(answer.body.get("request_id"), str), "an error has no request_id")
    if answer.status == 204:
        require(answer.body is None, "a 204 has a body")


def read_token(token, kind, algorithm):
    """Returns the claims of a token. Its signature is checked by the service, when the token is used."""
    try:
        header, claims, signature = token.split(".")
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims))
    except (AttributeError, ValueError):
        raise Wrong(f"there is no token of the type {kind}") from None
    require(signature, "a token is not signed")
    require(header.get("typ") == kind and header.get("alg") == algorithm, f"a token is not {kind} with {algorithm}")
    require(isinstance(header.get("kid"), str), "a token has no kid")
    return claims


def require_claims(claims, wanted):
    differing = sorted(name for name, value in wanted.items() if claims.get(name) != value)
    require(not differing, f"these claims are wrong: {', '.join(differing)}")


def require_tokens(answer, user, world, issuer, generation, session=None):
    """Checks the answer to a login or to the refresh of a session. Returns the claims of its access token."""
    require_status(answer, 200)
    body = answer.body
    require(isinstance(body, dict), "the answer is not an object")
    claims = read_token(body.get("access_token"), "at+jwt", "RS256")
    refresh = read_token(body.get("refresh_token"), "rt+jwt", "HS256")
    auth_time, sid = claims.get("auth_time"), body.get("sid")
    if session:
        wanted_auth_time = {session.auth_time}
        require(sid == session.sid, "the session is another one")
    else:
        wanted_auth_time = range(int(answer.sent), int(answer.answered) + 1)
        require(isinstance(body.get("device_token"), str), "a login has no device token")
        require(isinstance(sid, str), "a login has no session")
        known = [*user.sessions, *(ended.session.sid for ended in user.ended)]
        require(sid not in known, "the session is not a new one")
    issued_at = claims.get("iat")
    is_now = isinstance(issued_at, int) and int(answer.sent) <= issued_at <= int(answer.answered)
    require(is_now, "the access token was not issued now")
    require(auth_time in wanted_auth_time, "auth_time is wrong")
    require(isinstance(claims.get("epoch"), int) and claims["epoch"] >= user.epoch, "the epoch is too low")
    identity = {"iss": issuer, "sub": user.user_id, "sid": sid}
    own = {"aud": AUDIENCE, "client_id": CLIENT, "role": user.role, "scope": user.scope, "email": user.email}
    require_claims(claims, {**identity, **own, "exp": issued_at + ACCESS_SECONDS})
    require_claims(refresh, {**identity, "aud": issuer, "gen": generation, "delivery": "body"})
    require(claims.get("jti") and claims["jti"] not in world.token_ids, "the id of the access token is not new")
    rest = {"token_type": "Bearer", "expires_in": ACCESS_SECONDS, "scope": user.scope}
    differing = sorted(name for name, value in rest.items() if body.get(name) != value)
    require(not differing, f"these members are wrong: {', '.join(differing)}")
    lifetime = body.get("refresh_expires_in")
    require(isinstance(lifetime, int) and 0 < lifetime <= IDLE_SECONDS, "refresh_expires_in is wrong")
    return claims


def require_caller(answer, user, session):
    """Checks what a protected route was told about its caller."""
    require_status(answer, 200)
    require(isinstance(answer.body, dict), "the answer is not an object")
    wanted = {"sub": user.user_id, "sid": session.sid, "role": user.role, "scope": user.scope, "email": user.email}
    differing = sorted(name for name, value in wanted.items() if answer.body.get(name) != value)
    require(not differing, f"the route got another {', '.join(differing)}")


def require_sessions(answer, user, session):
    """Checks that a list has exactly the sessions that are open, and knows which one asks."""
    require_status(answer, 200)
    entries = answer.body.get("sessions") if isinstance(answer.body, dict) else None
    require(isinstance(entries, list), "there is no list of sessions")
    listed = [entry.get("sid") for entry in entries]
    missing, added = len(set(user.sessions) - set(listed)), len(set(listed) - set(user.sessions))
    require(not missing and not added, f"the list lacks {missing} sessions and has {added} that are not open")
    require(len(listed) == len(set(listed)), "a session is listed twice")
    require("next_cursor" not in answer.body, "there is another page")
    current = [entry.get("sid") for entry in entries if entry.get("current") is True]
    require(current == [session.sid], "another session is marked as the current one")
