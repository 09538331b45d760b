"""The front of all APIs, for programs that send requests to them: each goes to a port of this machine."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .cloud import ACCOUNT
from .gateway import Gateway

# Sends a request for https://<API>.execute-api.../<path> to the front, with the arguments that `deploy.sh` uses.
CURL = """#!/bin/sh
for last; do :; done
exec {curl} --silent --fail --max-time 30 "{front}/$(echo "$last" | sed 's|^https://||')"
"""


def start(cloud_, edge=None):
    """Starts the front, and returns its URL. `edge` are the headers that a proxy in front of the APIs adds."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            api_id, path = self.target()
            gateway = Gateway(cloud_.client("apigatewayv2"), api_id, cloud_.functions, cloud_.region, ACCOUNT)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
            answer = gateway.send(self.command, path, json.loads(body) if body else None, bearer, edge)
            self.send_response(answer.status)
            self.end_headers()
            self.wfile.write(answer.text.encode())

        do_POST = do_DELETE = do_GET

        def do_OPTIONS(self):
            api_id, _ = self.target()
            cors = cloud_.client("apigatewayv2").get_api(ApiId=api_id).get("CorsConfiguration", {})
            self.send_response(204)
            if self.headers["origin"] in cors.get("AllowOrigins", []):
                self.send_header("access-control-allow-origin", self.headers["origin"])
                self.send_header("access-control-allow-credentials", str(cors["AllowCredentials"]).lower())
            self.end_headers()

        def target(self):
            _, host, path = self.path.split("/", 2)
            return re.match(r"\w+", host)[0], f"/{path}"

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"
