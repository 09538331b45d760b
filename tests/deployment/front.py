"""The front of all APIs, for programs that send requests to them: each goes to a port of this machine."""

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


def start(cloud_):
    """Starts the front, and returns its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            _, host, path = self.path.split("/", 2)
            api_id = re.match(r"\w+", host)[0]
            apis = cloud_.client("apigatewayv2")
            gateway = Gateway(apis, api_id, cloud_.functions, cloud_.region, ACCOUNT)
            answer = gateway.send("GET", f"/{path}")
            self.send_response_only(answer.status)
            self.end_headers()
            self.wfile.write(answer.text.encode())

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"
