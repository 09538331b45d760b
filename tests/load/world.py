"""The world that the soak knows: its users, their sessions, and what becomes of a refresh token that is used."""

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import uuid
from itertools import product

# The parameters of the stack that `run` starts, in seconds.
WINDOW = 5
REVOKED_AFTER = 5

# A user of this world never has more sessions, so that no login ends one.
MAX_SESSIONS = 8
# A user may log in 120 times, and change the password 10 times, in an hour.
MAX_LOGINS = 100
MAX_CHANGES = 8
# The fifth failure in a row makes the next attempt wait.
MAX_FAILURES = 3


class Session:
    """A session, as the service must have stored it. A time is a range of whole seconds: when the request was sent, and
    when it was answered."""

    def __init__(self, sid, refresh_token, access_token, auth_time):
        self.sid = sid
        # The refresh tokens by generation.
        self.tokens = [refresh_token]
        self.access_token = access_token
        self.auth_time = auth_time
        self.delivered = None
        self.previous = None
        self.recovered = None

    @property
    def generation(self):
        return len(self.tokens) - 1

    def decisions(self, presented, sent, answered):
        """Returns what the service may do about the token of a generation. It is one decision, unless the end of a
        window lies between the two times."""
        delivered, previous = (self._ages(at, sent, answered) for at in (self.delivered, self.previous))
        return {self._decide(presented, *ages) for ages in product(delivered, previous)}

    @staticmethod
    def _ages(at, sent, answered):
        return [None] if at is None else range(max(0, int(sent) - at[1]), int(answered) - at[0] + 1)

    def _decide(self, presented, delivered, previous):
        behind = self.generation - presented
        if behind == 0:
            return "rotate" if delivered is None or delivered > WINDOW else "repeat"
        if behind == 1 and delivered <= WINDOW:
            return "repeat"
        if behind == 1 and self.recovered != self.generation - 1:
            return "recover"
        if behind == 2 and previous is not None and previous <= 2 * WINDOW:
            return "repeat"
        return "theft"

    def rotate(self, refresh_token, sent, answered):
        self.previous, self.delivered = self.delivered, (int(sent), int(answered))
        self.tokens.append(refresh_token)

    def recover(self, sent, answered):
        self.recovered, self.delivered = self.generation, (int(sent), int(answered))


class Ended:
    """A session that is over, and when the request that ended it was answered."""

    def __init__(self, session, at):
        self.session = session
        self.at = at


class User:
    """A user, who takes part in one request at a time, so that the answer to each is known."""

    def __init__(self, number, run):
        self.number = number
        self.user_id = str(uuid.uuid4())
        self.email = f"Soak-{run}-{number}@Example.com"
        self.password = secrets.token_urlsafe(18)
        self.former_password = None
        self.role = f"role-{number % 7}"
        self.scope = " ".join(f"area-{area}:read" for area in range(number % 5))
        self.is_busy = False
        self.sessions = {}
        self.ended = []
        self.epoch = 0
        self.logins = self.changes = self.failures = 0

    def end(self, sids, at):
        for sid in list(sids):
            self.ended.append(Ended(self.sessions.pop(sid), at))

    def record(self):
        """Returns the user as a line of an import. The hash is a cheap one, which the first login replaces."""
        salt = secrets.token_bytes(16)
        output = hashlib.scrypt(self.password.encode(), salt=salt, n=2**10, r=8, p=1, dklen=32)
        salt, output = (base64.b64encode(part).decode().rstrip("=") for part in (salt, output))
        return {
            "user_id": self.user_id,
            "email": self.email,
            "password_hash": f"$scrypt$ln=10,r=8,p=1${salt}${output}",
            "role": self.role,
            "scope": self.scope,
        }


class World:
    """All users, and the identifiers that no answer may repeat."""

    def __init__(self, size):
        run = secrets.token_hex(4)
        self.users = [User(number, run) for number in range(size)]
        self.strangers = 0
        self.token_ids = set()

    def store(self, database_port):
        """Adds the users to the local stack. Their passwords are written nowhere."""
        lines = "".join(json.dumps(user.record()) + "\n" for user in self.users)
        command = ["cargo", "authctl", "--local", "--database-port", str(database_port)]
        command += ["user", "import", "-", "--format", "jsonl"]
        if subprocess.run(command, input=lines, text=True, stdout=subprocess.DEVNULL).returncode:
            sys.exit("the users cannot be imported")

    def stranger(self):
        """Returns an address that nobody has."""
        self.strangers += 1
        return f"stranger-{self.strangers}-{secrets.token_hex(4)}@example.com"

    def retire(self, user):
        """Removes a user whose state is no longer known."""
        self.users = [other for other in self.users if other is not user]
