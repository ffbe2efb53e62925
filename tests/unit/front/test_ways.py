"""nginx where it is installed, else our own service; and no change behind a park's back."""

from typing import Literal

import pytest

from technopark.front import ways
from technopark.settings import Settings, Web


@pytest.mark.parametrize(
    ("front", "installed", "way"),
    [
        ("auto", True, "nginx"),
        ("auto", False, "embedded"),
        ("embedded", True, "embedded"),
        ("nginx", True, "nginx"),
    ],
)
def test_the_way_is_chosen_by_settings_and_machine(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    front: Literal["auto", "nginx", "embedded"],
    installed: bool,
    way: str,
) -> None:
    monkeypatch.setattr(ways, "nginx_program", lambda: "/usr/sbin/nginx" if installed else None)
    chosen = settings.model_copy(update={"web": Web(front=front)})
    assert ways.decide(chosen) == way
    assert ways.way(chosen) == way


def test_a_program_installed_later_moves_nobody(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "nginx_program", lambda: None)
    ways.decide(settings)
    monkeypatch.setattr(ways, "nginx_program", lambda: "/usr/sbin/nginx")
    assert ways.way(settings) == "embedded"
