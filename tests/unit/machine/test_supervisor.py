"""The park's processes under a real supervisord; the culler stands for all of them."""

import os
import resource
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from support.waiting import eventually

from technopark.machine import MachineError, supervisor
from technopark.machine.secrets import ensure_secrets
from technopark.settings import Settings

GATEWAY = "127.0.0.1"


class Healthy(BaseHTTPRequestHandler):
    """A hub that says it is well, and nothing else."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/hub/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(settings: Settings) -> Iterator[None]:
    with HTTPServer((GATEWAY, settings.ports.hub), Healthy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def few_files() -> Iterator[None]:
    """A shell that allows few open files, as most do."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def running(settings: Settings) -> Iterator[Settings]:
    """A park of which only the culler runs, and waits for the hub."""
    ensure_secrets(settings)
    supervisor.start(settings, {"culler": "first"}, GATEWAY)
    yield settings
    supervisor.stop(settings)


def pid_of_the_culler(settings: Settings) -> int:
    return supervisor.states(settings)[0].pid


def test_a_killed_process_is_started_again(running: Settings) -> None:
    first = pid_of_the_culler(running)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: pid_of_the_culler(running) not in (0, first), 20, "the culler runs again")


@pytest.mark.usefixtures("few_files", "hub")
def test_a_process_may_open_more_files_than_the_shell(running: Settings) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]

    def allowed() -> int:
        return resource.prlimit(pid_of_the_culler(running), resource.RLIMIT_NOFILE)[0]

    eventually(lambda: allowed() == hard, 20, "as many as the machine allows")


def test_only_what_changed_is_restarted(running: Settings) -> None:
    first = pid_of_the_culler(running)
    assert supervisor.start(running, {"culler": "first"}, GATEWAY) == []
    assert pid_of_the_culler(running) == first
    assert supervisor.start(running, {"culler": "second"}, GATEWAY) == ["culler"]
    eventually(lambda: pid_of_the_culler(running) not in (0, first), 20, "the culler runs again")


@pytest.mark.usefixtures("hub")
def test_no_secret_is_on_a_command_line_or_in_the_configuration(running: Settings) -> None:
    secret = ensure_secrets(running).culler_token
    pid = pid_of_the_culler(running)
    eventually(lambda: b"idle_culler" in _proc(pid, "cmdline"), 20, "the culler takes its own name")
    assert secret.encode() not in _proc(pid, "cmdline")
    assert secret.encode() in _proc(pid, "environ")
    assert secret not in (running.data / "run" / "supervisord.conf").read_text()


def test_stopping_ends_everything_and_can_be_repeated(running: Settings) -> None:
    pid = pid_of_the_culler(running)
    assert supervisor.stop(running)
    assert not supervisor.is_running(running)
    assert _proc(pid, "cmdline") == b""
    assert not supervisor.stop(running)
    assert supervisor.states(running) == []


def test_a_data_folder_too_deep_for_a_socket_is_refused(settings: Settings) -> None:
    deep = settings.model_copy(update={"data": settings.data / ("x" * 90)})
    with pytest.raises(MachineError, match="too long for a socket"):
        supervisor.start(deep, {"culler": "first"}, GATEWAY)


def _proc(pid: int, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:  # noqa: PTH123  # a file of the kernel
            return file.read()
    except OSError:
        return b""
