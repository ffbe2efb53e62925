"""A Docker engine on this machine: the one that answers, else Debian's, started by us.

Called by `up` and `test`. Never restarts or reconfigures an engine that runs.
"""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from technopark.engine.client import open_engine
from technopark.engine.facts import EngineFacts, engine_facts
from technopark.machine import MachineError
from technopark.machine.debian import OS_RELEASE, ensure_packages, is_debian, is_root, system_name
from technopark.progress import say, step
from technopark.settings import Settings

DEFAULT_URLS = ("unix:///var/run/docker.sock", "unix:///run/docker.sock")
"""Where Debian's engine listens."""

SYSTEMD = Path("/run/systemd/system")
"""There where systemd runs (sd_booted(3))."""

HEAD_START = 3.0
"""Seconds for an engine that Debian's package starts by itself, which it does under systemd."""

START_LIMIT = 60.0
"""Seconds until a started engine must answer."""


@dataclass(frozen=True)
class UsableEngine:
    """An engine the park can use; `started_pid` is set where this call started it by hand."""

    facts: EngineFacts
    started_pid: int | None = None


def ensure_engine(settings: Settings, os_release: Path = OS_RELEASE) -> UsableEngine:
    """The engine at `engine.url`; installed and started where none answers.

    Raises:
        MachineError: there is none and it cannot be installed or started here.
        EngineError: it is too old.
    """
    url = settings.engine.url
    facts, pid = _asked(url), None
    if facts is None:
        _may_be_started(url, os_release)
        ensure_packages(["docker.io", "iptables"], "the Docker engine", os_release)
        pid = _start(settings)
        facts = _asked(url)
    if facts is None:
        raise MachineError(f"The Docker engine at {url} was started and does not answer.")
    open_engine(settings.engine).close()  # refuses one that is too old
    return UsableEngine(facts, pid)


def stop_engine(pid: int) -> None:
    """Ends an engine that `ensure_engine` started by hand."""
    say("Stopping the Docker engine that was started for this.")
    os.kill(pid, signal.SIGTERM)
    for _ in range(200):
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
        except ChildProcessError:
            return
        time.sleep(0.1)


def _asked(url: str) -> EngineFacts | None:
    try:
        return engine_facts(url)
    except PermissionError:
        raise MachineError(
            f"There is a Docker engine at {url}, but this user may not use it. Call this as root "
            "(sudo ./park up)."
        ) from None


def _may_be_started(url: str, os_release: Path) -> None:
    if url not in DEFAULT_URLS:
        raise MachineError(
            f"No Docker engine answers at {url} (`engine.url` in the settings). Start it, or take "
            "that line away to use this machine's own."
        )
    installed = shutil.which("dockerd") is not None
    if not installed and not is_debian(os_release):
        raise MachineError(
            f"No Docker engine answers at {url}, and on {system_name(os_release)} the park cannot "
            "install one by itself. Install Docker 20.10 or newer, start it, then call this again."
        )
    if not is_root():
        raise MachineError(
            f"No Docker engine answers at {url}, and only root may "
            f"{'start' if installed else 'install'} it. Call this as root (sudo ./park up)."
        )


def _start(settings: Settings) -> int | None:
    if _answers_within(settings.engine.url, HEAD_START):
        return None
    if SYSTEMD.is_dir():
        say("Starting the Docker engine: systemctl start docker")
        started = subprocess.run(
            ["systemctl", "start", "docker"], capture_output=True, text=True, check=False
        )
        if started.returncode:
            raise MachineError(
                f"systemctl start docker failed: {started.stderr.strip()}. "
                "`journalctl -u docker` says more."
            )
        return None
    return _start_by_hand(settings)


def _start_by_hand(settings: Settings) -> int:
    log = settings.data / "logs" / "dockerd.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    say(f"No systemd here: starting the Docker engine by hand (dockerd, log in {log}).")
    with log.open("ab") as output:
        engine = subprocess.Popen(
            ["dockerd"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with step("Docker engine"):
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and engine.poll() is None:
            if _answers_within(settings.engine.url, 1):
                return engine.pid
    last = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
    raise MachineError(f"dockerd does not come up; the last it said (all of it in {log}):\n{last}")


def _answers_within(url: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if engine_facts(url):
            return True
        time.sleep(0.2)
    return False
