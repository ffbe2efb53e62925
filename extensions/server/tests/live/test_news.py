"""A teacher comes into a real pupil's server and leaves; the pupil's page and the park are told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from support.waiting import eventually
from websockets.sync.client import ClientConnection, connect

from technopark_server.live import mail
from technopark_server.live.news import SCHEMA_ID

from .conftest import Portal

TEACHER = {"X-Name": "anna"}

pytestmark = pytest.mark.slow


@pytest.fixture
def page(address: str) -> Iterator[ClientConnection]:
    """The connection by which the pupil's Lab hears of Jupyter Server's events."""
    with connect(f"ws://{address}api/events/subscribe") as socket:
        yield socket


def hears(page: ClientConnection) -> dict[str, Any]:
    """The next news; other events are passed over."""
    while True:
        event: dict[str, Any] = json.loads(page.recv(timeout=60))
        if event["schema_id"] == SCHEMA_ID:
            return event


def test_the_pupil_sees_who_is_there_and_when_they_have_left(
    address: str, portal: tuple[Portal, str], page: ClientConnection
) -> None:
    seen = portal[0]
    seen.called = {"anna": "Анна П"}

    def here() -> list[str]:
        answer = requests.get(f"http://{address}technopark/company", timeout=30)
        return list(answer.json()["visitors"])

    assert here() == []
    with connect(f"ws://{address}api/events/subscribe", additional_headers=TEACHER):
        eventually(lambda: here() == ["Анна П"], 30, "the pupil sees who is there")
        told = hears(page)["visitors"]
        if told == ["anna"]:  # the park had not said yet what she is called
            told = hears(page)["visitors"]
        assert told == ["Анна П"]
        eventually(lambda: seen.last == {"visitors": ["anna"]}, 30, "the park is told")
    assert hears(page)["visitors"] == []
    assert here() == []
    eventually(lambda: seen.last == {}, 30, "the park is told, too")


def test_the_pupil_is_told_what_a_teacher_has_sent(page: ClientConnection, tmp_path: Path) -> None:
    folder = tmp_path / "home" / mail.FOLDERS[0]
    folder.mkdir()
    (folder / "hint.md").write_text("Look", "utf-8")
    assert hears(page)["files"] == [f"{mail.FOLDERS[0]}/hint.md"]
