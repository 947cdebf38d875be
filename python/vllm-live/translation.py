"""Translates between LMCache's classic proxy and a prefill engine with the multiprocess connector.

The proxy sends its own id of a request in `disagg_spec`, which that connector ignores, and expects the first token in the
response's `kv_transfer_params`. In a deployment the proxy is changed instead, as docs/lmcache.md explains.
"""

import json
import threading
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from engines import ANSWERS_WITHIN_SECONDS


@contextmanager
def translating(engine):
    """The port of a server that translates requests and passes them on to an engine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            spec = (body.get("kv_transfer_params") or {}).get("disagg_spec")
            if spec:
                body["kv_transfer_params"] = {"lmcache.pd.req_id": spec["req_id"]}
                body["return_token_ids"] = True
            answer = post(engine.url(self.path), body)
            if spec:
                answer["kv_transfer_params"] = {"first_tok": answer["choices"][0]["token_ids"][0]}
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=ANSWERS_WITHIN_SECONDS) as response:
        return json.loads(response.read())
