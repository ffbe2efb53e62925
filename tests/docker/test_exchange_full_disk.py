"""A disk that is really full: a clear answer, nothing lost, and work goes on when there is room."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from technopark import settings as park_settings
from technopark.bench import rehearsal
from technopark.exchange.check import damaged, lost_receipts

pytestmark = pytest.mark.slow

PS1 = f"/classrooms/{rehearsal.CLASSROOM}/assignments/{rehearsal.ASSIGNMENT}"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB; needs root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def service(disk: Path) -> Iterator[rehearsal.Service]:
    path = rehearsal.write_settings(disk)
    rehearsal.seed(park_settings.load(path).database_url, ["masha", "petya"])
    with rehearsal.hub() as hub_api_url:
        service = rehearsal.Service(path, hub_api_url)
        service.start()
        yield service
        service.stop()


def hand_in(service: rehearsal.Service, name: str, work: bytes) -> httpx.Response:
    return httpx.post(
        f"{service.url}{PS1}/submissions",
        content=rehearsal.archive({"ps1.ipynb": work}),
        headers={"Authorization": f"token {rehearsal.token(name)}", "Accept-Language": "ru"},
        trust_env=False,
    )


def fill(disk: Path) -> Path:
    """Takes all the room that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(4096))
            except OSError:
                return filler


def test_a_full_disk_refuses_and_loses_nothing(service: rehearsal.Service, disk: Path) -> None:
    httpx.put(
        f"{service.url}{PS1}",
        content=rehearsal.archive({"ps1.ipynb": b"{}"}),
        headers={"Authorization": f"token {rehearsal.token(rehearsal.TEACHER)}"},
        trust_env=False,
    ).raise_for_status()
    settings = park_settings.load(disk / "technopark.yaml")
    receipt = hand_in(service, "masha", os.urandom(1 << 20)).json()

    too_big_for_the_disk = hand_in(service, "petya", os.urandom(7 << 20))
    filler = fill(disk)
    small = os.urandom(20_000)
    no_room_at_all = [hand_in(service, name, small) for name in ("petya", "masha")]

    for refused in (too_big_for_the_disk, *no_room_at_all):
        assert refused.status_code == 507
        assert "кончилось место" in refused.json()["message"]
    assert httpx.get(f"{service.url}/health", trust_env=False).json() == {"ok": True}
    assert list((disk / "data" / "exchange" / "incoming").iterdir()) == []

    filler.unlink()
    assert lost_receipts(settings, [receipt]) == []
    later = hand_in(service, "petya", small)
    assert later.status_code == 201
    assert lost_receipts(settings, [receipt, later.json()]) == []
    assert damaged(settings) == []
