"""What shows that two servers are alike shows it also when they are not.

Each server here has one thing more than a pupil's own, and is looked at like a forked one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from docker.types import Ulimit
from support.forked import Forking, server
from support.looks import LOOKS

from technopark.engine import short_lived
from technopark.engine.containers import hardened

pytestmark = pytest.mark.docker

MORE: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({}, set()),
    "a capability": ({"cap_add": ["NET_RAW"]}, {"status"}),
    "a folder to write to": ({"binds": ["FOLDER:/extra"]}, {"mounts", "attempts"}),
    "a root to write to": ({"read_only": False}, {"mounts", "attempts"}),
    "all system calls": (
        {"security_opt": ["no-new-privileges", "seccomp=unconfined"]},
        {"status", "filter of system calls", "attempts"},
    ),
    "new privileges": ({"security_opt": []}, {"status"}),
    "a group": ({"group_add": ["4"]}, {"status"}),
    "open files": ({"ulimits": [Ulimit(name="nofile", soft=8192, hard=8192)]}, {"limits"}),
    "memory": ({"mem_limit": 2 << 30, "memswap_limit": 2 << 30}, {"control groups"}),
    "processor time": ({"cpu_quota": 200_000}, {"control groups"}),
    "processes": ({"pids_limit": 512}, {"control groups"}),
}
"""What a container is given, and where that is seen."""


@contextmanager
def given(monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]) -> Iterator[None]:
    """Containers that are started here are locked down as ever, but for `more`."""

    def loosened(*arguments: Any, **words: Any) -> dict[str, Any]:
        return {**hardened(*arguments, **words), **more}

    with monkeypatch.context() as patch:
        patch.setattr(short_lived, "hardened", loosened)
        yield


@pytest.fixture(scope="module")
def seen(forking: Forking) -> dict[str, Any]:
    """What is seen of an ordinary server that is as new as those that it is compared with."""
    with server(forking.client, forking.image, forking.environment) as ordinary:
        return {name: look(ordinary) for name, look in LOOKS.items()}


@pytest.mark.parametrize("what", MORE)
def test_a_server_that_has_more_is_told_apart(
    what: str,
    forking: Forking,
    seen: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more, seen_in = MORE[what]
    if "binds" in more:
        more = {"binds": [each.replace("FOLDER", str(tmp_path)) for each in more["binds"]]}
    with (
        given(monkeypatch, more),
        server(forking.client, forking.image, forking.environment) as looser,
    ):
        found = {name: look(looser) for name, look in LOOKS.items()}
    assert {name for name in LOOKS if found[name] != seen[name]} == seen_in
