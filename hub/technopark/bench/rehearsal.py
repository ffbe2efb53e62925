"""A made-up classroom, hub and exchange process, to try the real exchange service as it will run.

Called by the bench and the tests of the exchange; never in a park. Everything is on loopback and
in a folder of its own; who starts something here also stops it.
"""

import gzip
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from technopark.people import classrooms
from technopark.settings import SOURCE
from technopark.store import CourseVersion, Site, Store, open_store

CLASSROOM = "rehearsal"
TEACHER = "teacher"
ASSIGNMENT = "ps1"
_START_SECONDS = 30.0


def pupils(count: int) -> list[str]:
    """The names of the classroom's pupils."""
    return [f"pupil-{number:03}" for number in range(1, count + 1)]


def token(name: str) -> str:
    """What the made-up hub takes as the token of `name`."""
    return f"token-of-{name}"


class _Quiet(ThreadingHTTPServer):
    """Says nothing about callers that are gone."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """It is of no use to whoever waits for a bench."""


@contextmanager
def hub(scopes: Sequence[str] = ()) -> Iterator[str]:
    """A hub that knows everybody by `token`, with these scopes; gives the address of its API."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/hub/line":
                self._tell_of_nobody()
                return
            name = self.headers.get("Authorization", "").removeprefix("token ")
            known = self.path == "/hub/api/user" and name.startswith(token(""))
            user = {"kind": "user", "name": name.removeprefix(token("")), "scopes": [*scopes]}
            body = json.dumps(user if known else {"message": "Forbidden"}).encode()
            self.send_response(200 if known else 403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _tell_of_nobody(self) -> None:
            """Nobody has a server, and that stays so until whoever listens is gone."""
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(b'data: {"all": true, "servers": []}\n\n')
                while True:
                    time.sleep(1)
                    self.wfile.write(b":\n\n")

        def log_message(self, *_args: object) -> None:
            """Says nothing."""

    server = _Quiet(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hub/api"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_settings(folder: Path, database_url: str = "") -> Path:
    """Settings of a park whose data is `folder/data`; returns their file."""
    path = folder / "technopark.yaml"
    values = {
        "data": "data",
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": str(SOURCE / "courses"),
        "database": {"url": database_url},
    }
    (folder / "data").mkdir(exist_ok=True)
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


def seed(database_url: str, names: list[str]) -> None:
    """Puts one classroom with these pupils and one teacher into a store."""
    store: Store = open_store(database_url)
    with store.write() as session:
        site = Site(
            id="north", name="north", module="Basic", speciality="", timezone="Europe/Moscow"
        )
        course = CourseVersion(
            course="data-start",
            version="1.0.0",
            title={},
            image="",
            grader_image="",
            content="",
            published_at=datetime.now(UTC),
        )
        session.add_all([site, course])
        session.flush()
        for name in [*names, TEACHER]:
            classrooms.ensure_person(session, name, name, "north")
        session.flush()
        classrooms.ensure_classroom(session, CLASSROOM, CLASSROOM, "north", course)
        session.flush()
        classrooms.add_members(session, CLASSROOM, "teacher", [TEACHER])
        classrooms.add_members(session, CLASSROOM, "pupil", names)
    store.close()


def archive(files: Mapping[str, bytes]) -> bytes:
    """A gzip-compressed tar of these files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), compresslevel=1, mtime=0)


class Service:
    """The exchange as a process of its own, which can be killed and started again."""

    def __init__(self, settings_path: Path, hub_api_url: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._log = settings_path.with_name("exchange.log")
        self._environment = {
            **os.environ,
            "TECHNOPARK_CONFIG": str(settings_path),
            "JUPYTERHUB_API_URL": hub_api_url,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the process and waits until it answers.

        Raises:
            TimeoutError: it does not; says what it wrote.
        """
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "technopark.exchange", "--port", str(self._port)],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                httpx.get(f"{self.url}/health", trust_env=False).raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                return
        self.kill()
        raise TimeoutError(f"the exchange did not start: {self._log.read_text(encoding='utf-8')}")

    def kill(self) -> None:
        """Ends the process at once, in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Tells the process to finish and waits for it."""
        self._end(signal.SIGTERM)

    def _end(self, by: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(by)
            self._process.wait()
            self._process = None
