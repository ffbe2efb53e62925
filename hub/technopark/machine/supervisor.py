"""Keeps the park's processes running: a supervisord of the park's own, spoken to over a socket.

Called by `up`, `down`, `status` and tests. Every park has one, under its data folder; it outlives
the terminal, restarts what dies, and rotates the logs.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from technopark.machine import MachineError
from technopark.machine.debian import is_root
from technopark.machine.processes import BRIDGE_IP, log_of
from technopark.settings import Settings, settings_path

LONGEST_SOCKET = 90
"""Bytes in a socket's path: 108 is Linux's limit (unix(7)), supervisord adds its process id."""

STOP_LIMIT = 60.0
"""Seconds until all processes must have ended."""


@dataclass(frozen=True)
class State:
    """How one process is."""

    name: str
    state: str
    """RUNNING, STARTING, BACKOFF, STOPPED, EXITED or FATAL (supervisord's words)."""
    pid: int
    seconds: int
    """How long it has been so, if it runs."""


def start(settings: Settings, fingerprints: Mapping[str, str], bridge_ip: str) -> list[str]:
    """Starts the processes that `fingerprints` names, or restarts those whose fingerprint changed.

    Returns:
        The names of those that were (re)started; none where all was as it should be.

    Raises:
        MachineError: supervisord does not come up.
    """
    run = settings.data / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    (settings.data / "logs").mkdir(parents=True, exist_ok=True)
    if len(str(_socket(settings)).encode()) > LONGEST_SOCKET:
        raise MachineError(
            f"The path of the data folder, {settings.data}, is too long for a socket in it; "
            "name a shorter one as `data` in the settings."
        )
    _configuration(settings).write_text(_text(settings, fingerprints, bridge_ip), encoding="utf-8")
    if not is_running(settings):
        _launch(settings)
        return list(fingerprints)
    return _apply(settings)


def is_running(settings: Settings) -> bool:
    """Whether this park's supervisord answers."""
    try:
        with _rpc(settings) as rpc:
            rpc.getState()
    except (OSError, Fault):
        return False
    return True


def states(settings: Settings) -> list[State]:
    """How the park's processes are; empty where the park is down."""
    try:
        with _rpc(settings) as rpc:
            found = rpc.getAllProcessInfo()
    except (OSError, Fault):
        return []
    return [
        State(
            name=info["name"],
            state=info["statename"],
            pid=info["pid"],
            seconds=info["now"] - info["start"] if info["pid"] else 0,
        )
        for info in found
    ]


def stop(settings: Settings) -> bool:
    """Ends all processes and supervisord itself; whether there was anything to end.

    Raises:
        MachineError: they do not end.
    """
    try:
        with _rpc(settings) as rpc:
            pid = rpc.getPID()
            rpc.shutdown()
    except (OSError, Fault):
        return False
    deadline = time.monotonic() + STOP_LIMIT
    while Path(f"/proc/{pid}").exists() and _command(pid):
        if time.monotonic() > deadline:
            raise MachineError(
                f"The park's processes do not end; supervisord is process {pid}, its log "
                f"{settings.data / 'logs' / 'supervisord.log'}."
            )
        time.sleep(0.1)
    return True


def _launch(settings: Settings) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(_configuration(settings))],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise MachineError(
            f"supervisord does not start: {(done.stderr or done.stdout).strip()} "
            f"(log: {settings.data / 'logs' / 'supervisord.log'})"
        )
    deadline = time.monotonic() + 10
    while not is_running(settings):
        if time.monotonic() > deadline:
            raise MachineError(
                f"supervisord does not answer; see {settings.data / 'logs' / 'supervisord.log'}"
            )
        time.sleep(0.05)


def _apply(settings: Settings) -> list[str]:
    """Makes supervisord read its configuration again; what it (re)started."""
    with _rpc(settings) as rpc:
        added, changed, removed = rpc.reloadConfig()[0]
        for name in [*changed, *removed]:
            rpc.stopProcessGroup(name)
            rpc.removeProcessGroup(name)
        for name in [*added, *changed]:
            rpc.addProcessGroup(name)  # starts it, too
        ended = [
            info["name"]
            for info in rpc.getAllProcessInfo()
            if info["statename"] in ("STOPPED", "EXITED", "FATAL")
            and info["name"] not in (*added, *changed)
        ]
        for name in ended:
            rpc.startProcess(name, False)
    return [*added, *changed, *ended]


@contextmanager
def _rpc(settings: Settings) -> Iterator[Any]:
    """What supervisord can be asked (supervisord.org/api.html)."""
    transport = SupervisorTransport(None, None, f"unix://{_socket(settings)}")
    try:
        # The address is not used: this transport speaks over the socket.
        yield ServerProxy("http://127.0.0.1", transport).supervisor
    finally:
        transport.close()


def _socket(settings: Settings) -> Path:
    return settings.data / "run" / "supervisor.sock"


def _configuration(settings: Settings) -> Path:
    return settings.data / "run" / "supervisord.conf"


def _command(pid: int) -> bytes:
    try:
        return Path(
            f"/proc/{pid}/cmdline"
        ).read_bytes()  # empty for a process that only waits to be reaped
    except OSError:
        return b""


def _text(settings: Settings, fingerprints: Mapping[str, str], bridge_ip: str) -> str:
    logs, run = settings.data / "logs", settings.data / "run"
    lines = [
        "; Written by `./park up`; changes are lost.",
        "[unix_http_server]",
        f"file={_value(_socket(settings))}",
        "chmod=0700",
        "[supervisord]",
        f"logfile={_value(logs / 'supervisord.log')}",
        "logfile_maxbytes=2MB",
        "logfile_backups=2",
        f"pidfile={_value(run / 'supervisord.pid')}",
        f"childlogdir={_value(logs)}",
        *(["user=root"] if is_root() else []),
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
    ]
    for name, fingerprint in fingerprints.items():
        environment = {
            "TECHNOPARK_CONFIG": str(settings_path().resolve()),
            BRIDGE_IP: bridge_ip,
            # Not read by anybody: supervisord restarts a process whose configuration changed.
            "TECHNOPARK_FINGERPRINT": fingerprint,
        }
        pairs = ",".join(f'{key}="{_value(value)}"' for key, value in environment.items())
        lines += [
            f"[program:{name}]",
            f"command={_value(sys.executable)} -m technopark.machine.run {name}",
            f"directory={_value(run)}",
            f"environment={pairs}",
            f"stdout_logfile={_value(log_of(name, settings))}",
            "stdout_logfile_maxbytes=10MB",
            "stdout_logfile_backups=4",
            "redirect_stderr=true",
            "autorestart=true",
            "startretries=1000000",  # never given up: a database may be away for a night
            "startsecs=2",
            "stopwaitsecs=20",
            "stopasgroup=true",
            "killasgroup=true",
        ]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    return str(value).replace("%", "%%")
