"""A park that does not come up says which of its processes is to blame."""

import pytest

from technopark.machine import MachineError, readiness, supervisor
from technopark.machine.readiness import wait_until_ready
from technopark.machine.supervisor import State
from technopark.settings import Settings


def test_a_process_that_dies_again_and_again_is_told_with_its_last_words(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = iter(range(1000))
    monkeypatch.setattr(supervisor, "states", lambda _: [State("hub", "BACKOFF", next(pids), 0)])
    monkeypatch.setattr(readiness.time, "sleep", lambda _: None)
    log = settings.data / "logs" / "hub.log"
    log.parent.mkdir()
    log.write_text("Traceback ...\nImportError: no module named astronomy\n")
    with pytest.raises(MachineError, match=r"hub does not come up.*\n.*\n.*astronomy"):
        wait_until_ready(settings)


def test_a_page_that_never_comes_is_told_after_the_limit(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "states", lambda _: [State("hub", "RUNNING", 7, 60)])
    monkeypatch.setattr(readiness, "page_status", lambda _: 503)
    with pytest.raises(MachineError, match="did not come within 1 s"):
        wait_until_ready(settings, limit=1)


def test_nobody_on_the_port_is_no_status(unused_tcp_port: int) -> None:
    assert readiness.http_status("127.0.0.1", unused_tcp_port, "/") is None
