"""Forks of one parent draw nothing alike: servers, what kernels come from, and kernels."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from support.forked import (
    KERNELS_PACKAGES,
    PACKAGES,
    Forking,
    Server,
    current_image,
    derived,
    server,
)
from support.waiting import eventually

from technopark.engine.client import open_engine
from technopark.engine.forks import PROGRAMS
from technopark.engine.parent import ensure_parent, parent_folder, remove_parent
from technopark.settings import Network

pytestmark = pytest.mark.docker

DRAW = """
import os, random, secrets, sys, tempfile, uuid
def draw():
    drawn = {
        "random": random.random(),
        "secrets": secrets.token_hex(),
        "uuid4": str(uuid.uuid4()),
        "uuid1": str(uuid.uuid1()),
        "urandom": os.urandom(16).hex(),
        "file name": next(tempfile._get_candidate_names()),
    }
    if "ssl" in sys.modules:
        drawn["ssl"] = sys.modules["ssl"].RAND_bytes(16).hex()
    if "numpy" in sys.modules:
        numpy = sys.modules["numpy"]
        drawn["numpy.random"] = numpy.random.random()
        drawn["numpy's generator"] = numpy.random.default_rng().random()
    return drawn
"""
"""Of everything that draws at random, one thing each."""

PARENT = f"""{DRAW}
import json
from technopark_forked.servers import forking, parent
draw()  # it has begun with all of them
be_fresh = forking.be_fresh
def fresh(*arguments):
    be_fresh(*arguments)
    os.write(2, ("DREW " + json.dumps([sys.argv[2], draw()]) + chr(10)).encode())
forking.be_fresh = fresh
parent.run()
"""
"""A parent whose forks tell first of all what they draw."""

CELL = f"""{DRAW}
import json
has = "numpy" in sys.modules  # not imported here
import os
print(json.dumps([has, draw()]))
"""
PATIENCE = 90
IMPORTED = "grep -ls _multiarray_umath /proc/[0-9]*/maps"
"""Names whoever has numpy in memory: before there is a kernel, what it will be forked from."""


@pytest.fixture
def telling(forking: Forking, tmp_path: Path) -> Iterator[Path]:
    """Another parent; gives its folder."""
    settings = forking.settings.model_copy(
        update={"data": tmp_path, "network": Network(name=f"{forking.settings.network.name}d")}
    )
    (tmp_path / "draws").mkdir()
    (tmp_path / "draws" / "__main__.py").write_text(PARENT)
    places = [f"{each}/technopark_forked/servers" for each in (PACKAGES, KERNELS_PACKAGES)]
    lines = [f"COPY draws/__main__.py {place}/__main__.py" for place in places]
    image = derived(forking.client, forking.image, lines, {"draws": tmp_path / "draws"})
    with closing(open_engine(settings.engine)) as client:
        try:
            ensure_parent(client, image, settings)
            yield parent_folder(settings)
        finally:
            remove_parent(client, settings.network.name)


def test_two_servers_and_what_their_kernels_come_from(forking: Forking, telling: Path) -> None:
    with ExitStack() as ends:
        start = (forking.client, forking.image, forking.environment, telling)
        logs = [ends.enter_context(server(*start)).container.log() for _ in range(3)]
    for program in PROGRAMS:
        all_differ([drawn_by(program, log) for log in logs])


def drawn_by(program: str, log: str) -> dict[str, Any]:
    told = [json.loads(line.removeprefix("DREW ")) for line in log.splitlines() if "DREW" in line]
    (drawn,) = [drawn for name, drawn in told if name == program]
    return dict(drawn)


def test_two_kernels_of_one_server_and_one_of_another(
    forking: Forking, fork_one: Callable[..., Server]
) -> None:
    image = current_image(forking.client, "data")
    drawn = []
    for kernels in (2, 1):
        pupil = fork_one(image)
        ready = "the course's libraries are imported"
        eventually(
            lambda pupil=pupil: pupil.container.run("sh", "-c", IMPORTED).output, PATIENCE, ready
        )
        for _ in range(kernels):
            has_numpy, values = json.loads(pupil.run(CELL))
            assert has_numpy, "numpy came with the fork"
            drawn.append(values)
    assert {"numpy.random", "numpy's generator"} < set(drawn[0])
    all_differ(drawn)


def all_differ(drawn: list[dict[str, Any]]) -> None:
    """No two have drawn the same."""
    alike = {name for name in drawn[0] if len({each[name] for each in drawn}) < len(drawn)}
    assert alike == set()
