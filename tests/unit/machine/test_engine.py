"""The engine: a real HTTP server on a unix socket plays those that are too old."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer

import pytest

from technopark.engine.client import EngineError
from technopark.machine import MachineError, debian, engine
from technopark.machine.engine import ensure_engine
from technopark.settings import Engine, Settings

Serve = Callable[[str], str]


class _OldEngine(BaseHTTPRequestHandler):
    api = "1.40"

    def address_string(self) -> str:
        return "a unix socket"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in Python
        """Says nothing."""

    def do_GET(self) -> None:
        answer = {"Version": "19.03.15", "ApiVersion": self.api, "MinAPIVersion": "1.12"}
        body = json.dumps(answer if self.path.endswith("/version") else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def old_engine(tmp_path: Path) -> Iterator[str]:
    """The address of an engine that speaks API 1.40 (Docker 19.03)."""
    path = tmp_path / "docker.sock"
    with UnixStreamServer(str(path), _OldEngine) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"unix://{path}"
        server.shutdown()
        thread.join()


def with_engine(settings: Settings, url: str) -> Settings:
    return settings.model_copy(update={"engine": Engine(url=url)})


def test_an_engine_older_than_docker_20_is_refused(old_engine: str, settings: Settings) -> None:
    with pytest.raises(EngineError, match=r"API 1\.40; 1\.41 \(Docker 20\.10\) or newer"):
        ensure_engine(with_engine(settings, old_engine))


def test_an_engine_named_in_settings_is_not_installed(settings: Settings, tmp_path: Path) -> None:
    nobody = f"unix://{tmp_path}/nobody.sock"
    with pytest.raises(MachineError, match=r"No Docker engine answers at .*`engine\.url`"):
        ensure_engine(with_engine(settings, nobody))


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Settings:
    """A machine without Docker: nothing answers, nothing is installed."""
    monkeypatch.setattr(engine, "engine_facts", lambda _: None)
    monkeypatch.setattr(engine.shutil, "which", lambda _: None)
    return settings


def test_without_an_engine_only_root_may_install_one(
    no_engine: Settings, ubuntu: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "is_root", lambda: False)
    with pytest.raises(MachineError, match=r"only root may install it\. Call this as root \(sudo"):
        ensure_engine(no_engine, ubuntu)


def test_without_an_engine_other_systems_are_told_what_to_install(
    no_engine: Settings, fedora: Path
) -> None:
    with pytest.raises(MachineError, match=r"on Fedora Linux 42 .* Install Docker 20\.10 or newer"):
        ensure_engine(no_engine, fedora)


def test_an_engine_that_cannot_be_started_shows_its_last_words(
    no_engine: Settings, ubuntu: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dockerd"
    program.write_text("#!/bin/sh\necho 'failed to mount overlay: no such device'\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(engine, "HEAD_START", 0)
    monkeypatch.setattr(engine, "SYSTEMD", tmp_path / "no-systemd")
    monkeypatch.setattr(engine, "ensure_packages", lambda *_: None)
    monkeypatch.setattr(engine, "is_root", lambda: True)
    with pytest.raises(MachineError, match=r"dockerd does not come up.*\n.*failed to mount"):
        ensure_engine(no_engine, ubuntu)


def test_a_forbidden_engine_is_not_replaced_by_another(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(url: str) -> None:
        raise PermissionError(url)

    monkeypatch.setattr(engine, "engine_facts", forbidden)
    with pytest.raises(MachineError, match="this user may not use it"):
        ensure_engine(settings)


def test_only_debians_kin_install_with_apt(ubuntu: Path, tmp_path: Path) -> None:
    assert debian.is_debian(ubuntu)
    assert not debian.is_debian(tmp_path / "missing")
    assert debian.system_name(tmp_path / "missing") == "an unknown system"
