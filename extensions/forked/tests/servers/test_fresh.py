"""A forked process is its own: two forks of one parent have nothing at random in common."""

import json
import multiprocessing.process
import os
import random
import secrets
import ssl
import sys
import tempfile
import uuid

from technopark_forked.servers.fresh import be_fresh


def drawn(environment: dict[str, str]) -> dict[str, object]:
    """What a new fork draws, and what it sees."""
    read, write = os.pipe()
    if os.fork() == 0:
        be_fresh(environment)
        found = {
            "random": random.random(),  # noqa: S311
            "secrets": secrets.token_hex(),
            "ssl": ssl.RAND_bytes(16).hex(),
            "uuid4": str(uuid.uuid4()),
            "key": bytes(multiprocessing.process.current_process().authkey).hex(),
            "name": tempfile._RandomNameSequence().__next__(),  # type: ignore[attr-defined]
        }
        os.write(write, json.dumps(found | {"environment": dict(os.environ)}).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        said: dict[str, object] = json.load(told)
    os.wait()
    return said


def test_two_forks_draw_differently_and_see_their_own_environment() -> None:
    random.random()  # noqa: S311  # a parent that has drawn already
    one, other = drawn({"WHOSE": "masha"}), drawn({"WHOSE": "petya"})
    assert one.pop("environment") == {"WHOSE": "masha"}
    assert other.pop("environment") == {"WHOSE": "petya"}
    assert {name for name in one if one[name] == other[name]} == set()


def test_numpy_too_where_it_is_there() -> None:
    if "numpy.random" in sys.modules:
        numpy = sys.modules["numpy.random"]
        before = numpy.get_state()[1].tolist()
        be_fresh(dict(os.environ))
        assert numpy.get_state()[1].tolist() != before
