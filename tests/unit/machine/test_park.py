"""How much room `up` asks for: as much as a new park needs, less where one was up before."""

from types import SimpleNamespace

import pytest

from technopark.machine import MachineError, park, room
from technopark.machine.secrets import ensure_secrets
from technopark.settings import Settings

IMAGES = {"base": "sha256:1", "data": "sha256:2"}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A machine with an engine, 5 GB of free disk and the images that are returned."""
    have = dict(IMAGES)
    engine = SimpleNamespace(facts=SimpleNamespace(version="20.10"))
    monkeypatch.setattr(park, "ensure_engine", lambda _: engine)
    monkeypatch.setattr(park, "all_images", lambda: list(IMAGES))
    monkeypatch.setattr(park, "images_in_use", lambda _: have)
    monkeypatch.setattr(park, "ensure_all_images", lambda _: IMAGES)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: SimpleNamespace(free=5 << 30))
    return have


def test_a_park_with_all_images_starts_again_with_a_warning(
    machine: dict[str, str], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_secrets(settings)
    assert park.prepare(settings).images == IMAGES
    assert "Warning: " in capsys.readouterr().err


def test_images_to_build_need_room(machine: dict[str, str], settings: Settings) -> None:
    ensure_secrets(settings)
    del machine["data"]
    with pytest.raises(MachineError, match="with images to build, needs 8 GB"):
        park.prepare(settings)


def test_a_park_that_was_never_up_needs_room(machine: dict[str, str], settings: Settings) -> None:
    with pytest.raises(MachineError, match="a new park, or one with images to build, needs 8 GB"):
        park.prepare(settings)
