"""An open-loop load on a stack of this machine, with a judge of every answer. `run` starts it in Locust.

Arrivals are a Poisson process that waits for no answer. The time of an answer counts from the moment at which its
request was due, so a service that falls behind cannot hide it."""

import json
import random
import sys
import time
from collections import Counter

import gevent
from faults import Faults
from geventhttpclient import HTTPClient
from judge import Answer, Undecided, Wrong
from locust import User, events, task
from steps import Steps
from world import MAX_LOGINS, World

HOST = "localhost"
LONGEST = 3_600
FASTEST = 200
# A run of this many seconds must have taken every step.
COMPLETE = 20
# What a service may answer that has too much to do. It is no wrong answer, but only a few are accepted.
OVERLOADED = {429, 503, 504}
# How long an answer may take, in seconds.
PATIENCE = 15


@events.init_command_line_parser.add_listener
def add_options(parser):
    group = parser.add_argument_group("soak")
    group.add_argument("--port", type=int, required=True)
    group.add_argument("--database-port", type=int, required=True)
    group.add_argument("--rate", type=float, default=30, help="arrivals a second")
    group.add_argument("--seconds", type=int, default=60)
    group.add_argument("--overloaded", type=float, default=1, help="the percentage of 429, 503 and lost answers")
    group.add_argument("--doctored", action="store_true", help="make answers wrong, each of which must be found")


class Soak(User):
    """The arrivals. It is the only user of Locust, because Locust's own users wait for their answers."""

    fixed_count = 1

    def on_start(self):
        options = self.environment.parsed_options
        if not (0 < options.rate <= FASTEST and 0 < options.seconds <= LONGEST):
            sys.exit(f"a soak has at most {FASTEST} arrivals a second, and at most {LONGEST} seconds")
        self.rate, self.seconds, self.limit = options.rate, options.seconds, options.overloaded
        self.client = HTTPClient(
            HOST, options.port, concurrency=1_000, connection_timeout=PATIENCE, network_timeout=PATIENCE
        )
        self.faults = Faults() if options.doctored else None
        # Each fault costs a user, and a user may log in only so often.
        users = max(10, int(self.rate), int(self.rate * self.seconds / MAX_LOGINS))
        self.world = World(users + (2 * self.faults.all if self.faults else 0))
        self.world.store(options.database_port)
        self.steps = Steps(self.world, f"http://{HOST}:{options.port}")
        self.counts, self.taken, self.overloads = Counter(), Counter(), Counter()
        self.problems, self.found = [], []
        self.late = 0.0

    @task
    def arrive(self):
        self.open_sessions()
        begin = time.monotonic()
        due, requests = begin, []
        while (due := due + random.expovariate(self.rate)) < begin + self.seconds:
            gevent.sleep(max(0.0, due - time.monotonic()))
            self.late = max(self.late, time.monotonic() - due)
            self.counts["due"] += 1
            # Rare steps are due once a third of the run is over, so that every run takes each of them.
            is_late = due > begin + self.seconds / 3
            if request := self.steps.draw(time.time(), self.missing() if is_late else ()):
                request.user.is_busy = True
                requests.append(gevent.spawn(self.send, request, due))
            else:
                self.counts["not sent"] += 1
        gevent.joinall(requests, timeout=2 * PATIENCE)
        self.environment.process_exit_code = self.report()
        self.environment.runner.quit()

    def open_sessions(self):
        """Logs every user in, one after another, since a world without sessions would begin with nothing but logins."""
        for user in list(self.world.users):
            request = self.steps.log_in(user, time.time())
            request.step = "log in first"
            self.counts["due"] += 1
            self.send(request, time.monotonic())

    def missing(self):
        """Returns the names of the steps that were not taken yet, or that belong to a fault that was not tried yet."""
        if self.faults:
            return {step for _, step, _ in self.faults.pending}
        return self.steps.names() - self.taken.keys()

    def send(self, request, due):
        """Sends a request, and judges its answer."""
        self.taken[request.step] += 1
        error = None
        try:
            answer = self.exchange(request)
            self.judge(request, answer)
            self.counts["right"] += 1
            request.user.is_busy = False
        except Undecided:
            self.counts["undecided"] += 1
            self.world.retire(request.user)
        except Overload as overload:
            self.overloads[str(overload)] += 1
            self.world.retire(request.user)
            error = overload
        except Exception as problem:
            # Anything else that happens while an answer is read means that the answer is wrong.
            is_known = isinstance(problem, Wrong)
            error = problem if is_known else Wrong(f"the answer cannot be read ({type(problem).__name__})")
            self.counts["wrong"] += 1
            self.problems.append(f"{request.step}, user {request.user.number}: {error}")
            self.world.retire(request.user)
        self.environment.events.request.fire(
            request_type=request.method,
            name=request.step,
            response_time=(time.monotonic() - due) * 1_000,
            response_length=0,
            exception=error,
            context={},
        )

    def exchange(self, request):
        headers = {"user-agent": "soak"}
        if request.access_token:
            headers["authorization"] = f"Bearer {request.access_token}"
        if request.body is not None:
            headers["content-type"] = "application/json"
        sent = time.time()
        try:
            found = self.client.request(request.method, request.path, body=dump(request.body), headers=headers)
            text = found.read()
        except Exception as problem:
            raise Overload(f"no answer ({type(problem).__name__})") from None
        if found.status_code in OVERLOADED:
            raise Overload(str(found.status_code))
        return Answer(found.status_code, found.items(), text, sent, time.time())

    def judge(self, request, answer):
        name = None
        if self.faults:
            name, answer = self.faults.alter(request, answer)
        if name is None:
            return request.judge(answer)
        try:
            request.judge(answer)
        except Wrong as problem:
            self.found.append(f"{name}: {problem}")
        else:
            raise Wrong(f"NOT FOUND: {name}")
        raise Undecided

    def report(self):
        """Prints the counts, and returns the exit code."""
        counts, overloads = self.counts, sum(self.overloads.values())
        lost = counts["due"] - sum(counts[name] for name in ("right", "wrong", "undecided", "not sent")) - overloads
        print(f"{counts['due']} requests: {counts['right']} right, {counts['wrong']} wrong")
        kinds = "".join(f", {kind}: {count}" for kind, count in self.overloads.most_common())
        print(f"overloaded: {overloads}{kinds}, without an answer at the end: {lost}, not sent: {counts['not sent']}")
        print(f"the generator itself was late by {self.late * 1_000:.0f} ms at most")
        print(f"allowed after a session's end, within the time of a revocation: {self.steps.allowed_late}")
        failures = [f"wrong: {problem}" for problem in self.problems]
        if (overloads + lost + counts["not sent"]) * 100 > self.limit * counts["due"]:
            failures.append(f"more than {self.limit:g} % of the requests were too much for the service")
        missing = self.steps.names() - self.taken.keys()
        if self.seconds >= COMPLETE and missing:
            failures.append(f"never taken: {', '.join(sorted(missing))}")
        if self.faults:
            for line in self.found:
                print(f"found: {line}")
            print(f"{len(self.found)} of {self.faults.all} faults were found")
            failures += [f"not tried: {name}" for name, _, _ in self.faults.pending]
        for failure in failures:
            print(failure)
        print("the soak failed" if failures else "the soak passed")
        return 1 if failures else 0


class Overload(Exception):
    """The service had too much to do. What it did is not known."""


def dump(body):
    return None if body is None else json.dumps(body)
