"""Runs the program of docs/programs.md against a stack: its classes and functions are those of the page."""
import json
import os
import re
import threading
import unittest
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

URL = os.environ["GATEHOUSE_URL"]
USER = os.environ["EMAIL"], os.environ["PASSWORD"]
PAGE = Path(__file__).parents[2] / "docs/programs.md"


class Program(unittest.TestCase):
    def setUp(self):
        """Runs the code of the page, with the stack's URLs, and keeps what its names mean and what it sends."""
        code = "\n".join(re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S))
        code, example = code.split("\nlogin = ")
        self.names, self.sent, self.tamper = {}, [], lambda request: None
        exec(compile(code, PAGE, "exec"), self.names)
        self.names["urlopen"] = self.send
        self.example = f"login = {example}".replace("https://auth.example.com", URL)
        self.login = self.names["Login"](URL, *USER)
        self.addCleanup(self.login.logout)

    def send(self, request, timeout):
        self.sent.append(f"{request.get_method()} {request.selector}")
        self.tamper(request)
        return urlopen(request, timeout=timeout)

    def get(self, path="/auth/me"):
        return self.names["get"](self.login, URL + path)

    def grow_older(self, seconds):
        self.login.since -= seconds

    def test_the_example_of_the_page_runs(self):
        example = self.example.replace("https://api.example.com/reports", f"{URL}/auth/me")
        example = example.replace("reports@example.com", USER[0])
        answers = []
        exec(example, {**self.names, "password": USER[1], "print": answers.append})

        self.assertEqual(answers[0]["email"], USER[0])
        # The first refresh has no token and shows that there is no session yet.
        paths = ["/auth/refresh", "/auth/login", "/auth/me", "/auth/logout"]
        self.assertEqual([line.split()[1] for line in self.sent], paths)

    def test_many_threads_cause_one_refresh_before_the_token_expires(self):
        first = self.login.token()
        self.assertEqual(self.login.token(), first)
        self.sent.clear()
        self.grow_older(0.89 * self.login.tokens["expires_in"])
        self.assertEqual(self.login.token(), first)
        self.grow_older(0.02 * self.login.tokens["expires_in"])

        start, answers = threading.Barrier(20), []

        def run():
            start.wait()
            answers.append(self.get()["sid"])

        threads = [threading.Thread(target=run) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        self.assertEqual(answers, [self.login.tokens["sid"]] * 20)
        self.assertEqual(self.sent.count("POST /auth/refresh"), 1)
        self.assertEqual(self.sent.count("POST /auth/login"), 0)
        self.assertNotEqual(self.login.token(), first)

    def test_a_refused_token_is_replaced_once_and_a_forbidden_route_causes_no_refresh(self):
        self.login.token()
        self.grow_older(31)
        self.sent.clear()
        refusals = [2]

        def tamper(request):
            if request.get_method() == "GET" and refusals[0]:
                refusals[0] -= 1
                request.add_header("authorization", "Bearer wrong")

        self.tamper = tamper
        with self.assertRaises(HTTPError) as raised:
            self.get()
        self.assertEqual(raised.exception.code, 403)
        self.assertEqual(self.sent, ["GET /auth/me", "POST /auth/refresh", "GET /auth/me"])

        self.sent.clear()
        refusals[0] = 1
        with self.assertRaises(HTTPError):
            self.get()
        self.assertEqual(self.sent, ["GET /auth/me"])

        self.sent.clear()
        self.grow_older(31)
        refusals[0] = 1
        self.assertEqual(self.get()["email"], USER[0])
        self.assertEqual(self.sent, ["GET /auth/me", "POST /auth/refresh", "GET /auth/me"])

    def test_a_session_that_was_ended_elsewhere_is_followed_by_a_new_login(self):
        ended = self.login.token() and self.login.tokens["sid"]
        headers = {"authorization": f"Bearer {self.login.token()}"}
        urlopen(Request(f"{URL}/auth/sessions/{ended}", headers=headers, method="DELETE"), timeout=9).close()
        self.grow_older(self.login.tokens["expires_in"])
        self.sent.clear()

        self.assertNotEqual(self.get()["sid"], ended)
        self.assertEqual(self.sent, ["POST /auth/refresh", "POST /auth/login", "GET /auth/me"])

    def test_a_service_that_cannot_answer_does_not_end_the_session(self):
        self.login.token()
        before = dict(self.login.tokens)
        self.grow_older(before["expires_in"])

        def fail(request):
            raise HTTPError(request.full_url, 503, "Service Unavailable", {}, None)

        self.tamper = fail
        with self.assertRaises(HTTPError):
            self.login.token()
        self.assertEqual(self.login.tokens, before)
        self.tamper = lambda request: None

        self.login.token()
        self.assertEqual(self.login.tokens["sid"], before["sid"])

    def test_a_wrong_password_is_tried_once(self):
        login = self.names["Login"](URL, USER[0], "wrong")
        with self.assertRaises(HTTPError) as raised:
            login.token()
        self.assertEqual(raised.exception.code, 401)
        self.assertEqual(self.sent, ["POST /auth/refresh", "POST /auth/login"])

    def test_nothing_of_a_session_is_left_after_the_logout(self):
        self.login.token()
        refresh_token = self.login.tokens["refresh_token"]
        self.login.logout()
        self.assertEqual(self.login.tokens, {})

        body = json.dumps({"refresh_token": refresh_token}).encode()
        with self.assertRaises(HTTPError) as raised:
            urlopen(Request(f"{URL}/auth/refresh", body, {"content-type": "application/json"}), timeout=9)
        self.assertEqual(raised.exception.code, 401)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
