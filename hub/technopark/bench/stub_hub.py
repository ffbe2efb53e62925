"""The least of a hub that a single-user server needs: who a token belongs to, and its activity.

Called by the bench `spawn`, which measures a server and not the hub; it must never serve people.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jupyterhub

USER = "bench"
TOKEN = "bench-token"  # noqa: S105  # opens nothing but the containers of a bench
PREFIX = f"/user/{USER}/"
SERVER_PORT = 8888


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.rstrip("/") == "/hub/api":
            self._send({"version": jupyterhub.__version__})
        elif self.headers.get("Authorization", "").endswith(f" {TOKEN}"):
            scopes = [f"access:servers!user={USER}"]
            self._send(
                {"kind": "user", "name": USER, "admin": False, "groups": [], "scopes": scopes}
            )
        else:
            self.send_error(403)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._send({})

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # its name there
        """Says nothing: the bench's table is what the person waits for."""

    def _send(self, answer: object) -> None:
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-JupyterHub-Version", jupyterhub.__version__)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def stub_hub(address: str) -> Iterator[dict[str, str]]:
    """The stub on a free port of `address`; gives the environment of its server."""
    server = ThreadingHTTPServer((address, 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield _environment(f"http://{address}:{server.server_port}/hub/api")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _environment(api: str) -> dict[str, str]:
    scopes = json.dumps([f"access:servers!server={USER}/", f"access:servers!user={USER}"])
    return {
        "JUPYTERHUB_ACTIVITY_URL": f"{api}/users/{USER}/activity",
        "JUPYTERHUB_API_TOKEN": TOKEN,
        "JUPYTERHUB_API_URL": api,
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": f"jupyterhub-user-{USER}",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": scopes,
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{PREFIX}oauth_callback",
        "JUPYTERHUB_OAUTH_SCOPES": scopes,
        "JUPYTERHUB_SERVER_NAME": "",
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
        "JUPYTERHUB_SERVICE_URL": f"http://0.0.0.0:{SERVER_PORT}{PREFIX}",
        "JUPYTERHUB_USER": USER,
    }
