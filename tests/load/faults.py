"""Answers that are made wrong on purpose, one after another, to prove that the judge finds each of them."""

import base64
import copy
import json

from world import REVOKED_AFTER


class Faults:
    """The faults that were not tried yet. Each belongs to a step, and alters one of its answers."""

    def __init__(self):
        self.seen = {}
        self.pending = [
            ("a login is refused", "log in", refuse(401, "invalid_grant")),
            ("a login fails", "log in", refuse(500, "server_error")),
            ("a login gets the tokens of another user", "log in", self.from_another_user),
            ("a login gets a higher role", "log in", claim("role", "admin")),
            ("a login gets more permissions", "log in", claim("scope", "everything")),
            ("a login is for another audience", "log in", claim("aud", "another-api")),
            ("a login has a token that lives longer", "log in", claim("exp", 9_999_999_999)),
            ("a login has an unsigned token", "log in", unsign),
            ("a login has no refresh token", "log in", without("refresh_token")),
            ("a login may be cached", "log in", cache),
            ("a wrong password is accepted", "mistype", self.accept),
            ("a former password is accepted", "log in with former password", self.accept),
            ("an unknown address is accepted", "log in as stranger", self.accept),
            ("a wrong password is reported as such", "mistype", refuse(401, "wrong_password")),
            ("a refresh does not rotate", "refresh", keep_token),
            ("a refresh is refused", "refresh", refuse(401, "invalid_grant")),
            ("a refresh gets the tokens of another user", "refresh", self.from_another_user),
            ("a repeated refresh rotates", "repeat refresh", self.from_another_user),
            ("a lost answer counts as theft", "recover", refuse(401, "invalid_grant")),
            ("a stolen token is accepted", "replay", self.accept),
            ("a refresh is accepted after the end", "refresh after end", self.accept),
            ("a logout fails", "log out", refuse(401, "invalid_grant")),
            ("a second logout fails", "log out again", refuse(401, "invalid_grant")),
            ("a call is refused", "call", refuse(403)),
            ("a route gets another caller", "call", self.from_another_user),
            ("a call is allowed after the end", "call after end", allow_ended),
            ("an altered token is accepted", "call with altered token", allow),
            ("a call without a token is accepted", "call without token", allow),
            ("a session is not listed", "list", lack),
            ("a session is listed that is over", "list", add_ended),
            ("another session is the current one", "list", mark_another),
        ]
        self.all = len(self.pending)

    def alter(self, request, answer):
        """Returns the name of a fault and an answer that has it, or the answer itself and no name."""
        for fault in self.pending:
            name, step, alter = fault
            altered = copy.deepcopy(answer)
            if step == request.step and alter(request, altered):
                self.pending.remove(fault)
                return name, altered
        if answer.status == 200:
            self.seen[request.path, request.user.number] = answer
        return None, answer

    def from_another_user(self, request, answer):
        for (path, number), seen in self.seen.items():
            if path == request.path and number != request.user.number:
                answer.body = seen.body
                return True
        return False

    def accept(self, request, answer):
        """Accepts what was refused, with the tokens of an earlier answer."""
        answer.status = 200
        return self.from_another_user(request, answer)


def refuse(status, error=None):
    def alter(_, answer):
        answer.status = status
        answer.body = {"error": error, "request_id": "none"} if error else {"message": "Forbidden"}
        answer.headers["www-authenticate"] = "Bearer"
        return True

    return alter


def claim(name, value):
    def alter(_, answer):
        header, claims, signature = answer.body["access_token"].split(".")
        claims = {**json.loads(base64.urlsafe_b64decode(claims + "==")), name: value}
        claims = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        answer.body["access_token"] = f"{header}.{claims}.{signature}"
        return True

    return alter


def unsign(_, answer):
    answer.body["access_token"] = answer.body["access_token"].rsplit(".", 1)[0] + "."
    return True


def without(name):
    def alter(_, answer):
        del answer.body[name]
        return True

    return alter


def cache(_, answer):
    answer.headers["cache-control"] = "max-age=60"
    return True


def keep_token(request, answer):
    answer.body["refresh_token"] = request.body["refresh_token"]
    return True


def allow(request, answer):
    user = request.user
    answer.status = 200
    answer.headers["cache-control"] = "no-store"
    answer.body = {"sub": user.user_id, "role": user.role, "scope": user.scope, "email": user.email}
    answer.body["sid"] = request.session.sid if request.session else "none"
    return True


def allow_ended(request, answer):
    ends = [ended.at for ended in request.user.ended if ended.session is request.session]
    return answer.sent - ends[0] > REVOKED_AFTER and allow(request, answer)


def lack(_, answer):
    return bool(answer.body["sessions"].pop())


def add_ended(request, answer):
    over = [{"sid": ended.session.sid, "current": False} for ended in request.user.ended[:1]]
    answer.body["sessions"] += over
    return bool(over)


def mark_another(_, answer):
    for entry in answer.body["sessions"]:
        entry["current"] = not entry["current"]
    return True
