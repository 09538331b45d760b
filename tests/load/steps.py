"""The requests of the soak, and what the service must answer to each.

A step is given an idle user and the time. It returns a request, or None if the user is in no state for it. The request
has a function that judges its answer, and then changes what is known about the user."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from judge import (
    Answer,
    Undecided,
    Wrong,
    require,
    require_caller,
    require_sessions,
    require_status,
    require_tokens,
)
from world import MAX_CHANGES, MAX_FAILURES, MAX_LOGINS, MAX_SESSIONS, REVOKED_AFTER, Session, User, World


@dataclass
class Request:
    """A request of a user, with the session whose tokens it carries."""

    user: User
    judge: Callable[[Answer], None]
    method: str
    path: str
    body: dict | None = None
    access_token: str | None = None
    session: Session | None = None
    step: str = field(default="", init=False)


class Steps:
    """The steps, each with its share of the arrivals in thousandths."""

    def __init__(self, world: World, issuer: str):
        self.world = world
        self.issuer = issuer
        # How often the token of a session that was over was still allowed, within the time that a revocation may take.
        self.allowed_late = 0
        self.shares = {
            self.call: 420,
            self.log_in: 90,
            self.refresh: 180,
            self.repeat_refresh: 40,
            self.recover: 20,
            self.replay: 40,
            self.refresh_after_end: 20,
            self.call_after_end: 60,
            self.log_out: 30,
            self.log_out_again: 10,
            self.log_out_others: 5,
            self.log_out_everywhere: 5,
            self.list: 30,
            self.end_session: 10,
            self.mistype: 10,
            self.log_in_as_stranger: 5,
            self.log_in_with_former_password: 5,
            self.change_password: 5,
            self.call_with_altered_token: 10,
            self.call_without_token: 5,
        }

    def draw(self, now, missing=()):
        """Returns a request of an idle user, or None if every user is busy. A step that is missing comes first, if a
        user is in a state for it."""
        idle = [user for user in self.world.users if not user.is_busy]
        random.shuffle(idle)
        drawn = random.choices(list(self.shares), self.shares.values())[0]
        first = [step for step in self.shares if name(step) in missing]
        # If nobody is in a state for the drawn step, someone takes another one.
        for step in [*first, drawn, self.log_in, self.call]:
            users = idle
            # A few sessions are refreshed often, so that a short run sees what happens to old tokens.
            if step in (self.refresh, self.repeat_refresh, self.recover, self.replay):
                users = sorted(idle, key=age_of_sessions, reverse=True)
            for user in users:
                if request := step(user, now):
                    request.step = name(step)
                    return request
        return None

    def names(self):
        return {name(step) for step in self.shares}

    # Logins

    def log_in(self, user, _):
        if len(user.sessions) == MAX_SESSIONS or user.logins == MAX_LOGINS:
            return None

        def judge(answer):
            claims = require_tokens(answer, user, self.world, self.issuer, 0)
            body = answer.body
            session = Session(body["sid"], body["refresh_token"], body["access_token"], claims["auth_time"])
            user.sessions[session.sid] = session
            user.logins += 1
            user.failures = 0
            self.note(user, claims)

        return Request(user, judge, "POST", "/auth/login", {"email": user.email, "password": user.password})

    def mistype(self, user, _):
        return self.fail(user, user.password[:-1] + ("a" if user.password[-1] == "b" else "b"))

    def log_in_with_former_password(self, user, _):
        return user.former_password and self.fail(user, user.former_password)

    def fail(self, user, password):
        if user.failures == MAX_FAILURES:
            return None

        def judge(answer):
            require_status(answer, 401, "invalid_grant")
            user.failures += 1

        return Request(user, judge, "POST", "/auth/login", {"email": user.email, "password": password})

    def log_in_as_stranger(self, user, _):
        body = {"email": self.world.stranger(), "password": secrets.token_urlsafe(18)}
        return Request(user, lambda answer: require_status(answer, 401, "invalid_grant"), "POST", "/auth/login", body)

    def change_password(self, user, _):
        session = any_session(user)
        if not session or user.changes == MAX_CHANGES:
            return None
        password = secrets.token_urlsafe(18)

        def judge(answer):
            require_status(answer, 200)
            is_object = isinstance(answer.body, dict)
            require(is_object and isinstance(answer.body.get("device_token"), str), "there is no device token")
            user.former_password, user.password = user.password, password
            user.changes += 1
            user.failures = 0
            user.end(user.sessions.keys() - {session.sid}, answer.answered)

        body = {"current_password": user.password, "new_password": password}
        return Request(user, judge, "POST", "/auth/password", body, session.access_token, session)

    # Refreshes

    def refresh(self, user, now):
        return self.present_first(user, now, "rotate", [0])

    def repeat_refresh(self, user, now):
        return self.present_first(user, now, "repeat", [0, 1])

    def recover(self, user, now):
        return self.present_first(user, now, "recover", [1])

    def replay(self, user, now):
        return self.present_first(user, now, "theft", [1, 2, 3])

    def present_first(self, user, now, wanted, ages):
        """Presents a token for which the service can only decide as wanted, of the session that was refreshed most."""
        for session in sorted(user.sessions.values(), key=lambda session: -session.generation):
            for age in ages:
                generation = session.generation - age
                if generation >= 0 and session.decisions(generation, now, now + 1) == {wanted}:
                    return self.present(user, session, generation)
        return None

    def present(self, user, session, generation):
        def judge(answer):
            decisions = session.decisions(generation, answer.sent, answer.answered)
            if answer.status == 401 and "theft" in decisions:
                require_status(answer, 401, "invalid_grant")
                user.end([session.sid], answer.answered)
                return
            is_same = isinstance(answer.body, dict) and answer.body.get("refresh_token") == session.tokens[-1]
            possible = decisions & ({"repeat", "recover"} if is_same else {"rotate"})
            if not possible:
                require_status(answer, 401 if decisions == {"theft"} else 200)
                raise Wrong(f"to {' or '.join(sorted(decisions))} was expected, and the refresh token is "
                            + ("the current one" if is_same else "another one"))
            claims = require_tokens(
                answer, user, self.world, self.issuer, session.generation + (not is_same), session
            )
            if len(possible) > 1:
                raise Undecided
            if possible == {"rotate"}:
                session.rotate(answer.body["refresh_token"], answer.sent, answer.answered)
            elif possible == {"recover"}:
                session.recover(answer.sent, answer.answered)
            session.access_token = answer.body["access_token"]
            self.note(user, claims)

        body = {"refresh_token": session.tokens[generation]}
        return Request(user, judge, "POST", "/auth/refresh", body, session=session)

    def refresh_after_end(self, user, _):
        if not user.ended:
            return None
        session = random.choice(user.ended).session
        body = {"refresh_token": random.choice(session.tokens)}
        judge = lambda answer: require_status(answer, 401, "invalid_grant")
        return Request(user, judge, "POST", "/auth/refresh", body, session=session)

    def note(self, user, claims):
        self.world.token_ids.add(claims["jti"])
        user.epoch = claims["epoch"]

    # The ends of sessions

    def log_out(self, user, _):
        session = any_session(user)

        def judge(answer):
            require_status(answer, 204)
            user.end([session.sid], answer.answered)

        return session and self.send_logout(user, judge, session, random.choice(session.tokens))

    def log_out_again(self, user, _):
        if not user.ended:
            return None
        session = random.choice(user.ended).session
        return self.send_logout(user, lambda answer: require_status(answer, 204), session, session.tokens[-1])

    def log_out_others(self, user, _):
        session = any_session(user)
        if not session or len(user.sessions) == 1:
            return None

        def judge(answer):
            require_status(answer, 204)
            user.end(user.sessions.keys() - {session.sid}, answer.answered)

        return self.send_logout(user, judge, session, session.tokens[-1], {"scope": "others"})

    def log_out_everywhere(self, user, _):
        session = any_session(user)

        def judge(answer):
            require_status(answer, 204)
            user.end(user.sessions, answer.answered)

        return session and self.send_logout(user, judge, session, session.tokens[-1], {"scope": "all"})

    def send_logout(self, user, judge, session, token, rest=None):
        body = {"refresh_token": token, **(rest or {})}
        return Request(user, judge, "POST", "/auth/logout", body, session=session)

    def end_session(self, user, _):
        session, other = any_session(user), any_session(user)
        if not session or session is other:
            return None

        def judge(answer):
            require_status(answer, 204)
            user.end([other.sid], answer.answered)

        return Request(user, judge, "DELETE", f"/auth/sessions/{other.sid}", None, session.access_token, session)

    # Protected routes

    def call(self, user, _):
        session = any_session(user)
        judge = lambda answer: require_caller(answer, user, session)
        return session and Request(user, judge, "GET", "/auth/me", None, session.access_token, session)

    def list(self, user, _):
        session = any_session(user)
        judge = lambda answer: require_sessions(answer, user, session)
        return session and Request(user, judge, "GET", "/auth/sessions", None, session.access_token, session)

    def call_after_end(self, user, _):
        if not user.ended:
            return None
        ended = random.choice(user.ended)

        def judge(answer):
            if answer.sent - ended.at <= REVOKED_AFTER and answer.status == 200:
                require_caller(answer, user, ended.session)
                self.allowed_late += 1
            else:
                require_status(answer, 403)

        return Request(user, judge, "GET", "/auth/me", None, ended.session.access_token, ended.session)

    def call_with_altered_token(self, user, _):
        session = any_session(user)
        if not session:
            return None
        content, signature = session.access_token.rsplit(".", 1)
        place = random.randrange(len(signature) - 1)
        other = "A" if signature[place] != "A" else "B"
        token = f"{content}.{signature[:place]}{other}{signature[place + 1:]}"
        judge = lambda answer: require_status(answer, 403)
        return Request(user, judge, "GET", "/auth/me", None, token, session)

    def call_without_token(self, user, _):
        return Request(user, lambda answer: require_status(answer, 401), "GET", "/auth/me")


def any_session(user):
    return random.choice(list(user.sessions.values())) if user.sessions else None


def age_of_sessions(user):
    return max((session.generation for session in user.sessions.values()), default=0)


def name(step):
    return step.__name__.replace("_", " ")
