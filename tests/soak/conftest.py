"""A park for a whole lesson: as many pupils as it shall have, in classes of fifteen."""

from collections.abc import Iterator

import pytest
from support.leftovers import dangling
from support.park import Park
from support.soak import Scale

from technopark.bench.made_up import made_up
from technopark.bench.own_park import BenchPark, own_park
from technopark.people.demo import DemoFile
from technopark.settings import load

CLASS = 15


@pytest.fixture(scope="session")
def scale() -> Scale:
    return Scale()


@pytest.fixture(scope="session")
def people(scale: Scale) -> DemoFile:
    sites = ["gymnasium", "ftsh", "school-01"][: -(-scale.pupils // CLASS)]
    return made_up(scale.pupils, sites, ["data-start"])


@pytest.fixture(scope="session")
def others_volumes() -> set[str]:
    """Volumes that nobody used before there was the park."""
    return dangling(load())


@pytest.fixture(scope="session")
def made(people: DemoFile, others_volumes: set[str]) -> Iterator[BenchPark]:
    """With a GPU that is declared and not there: what is leased on it is a kernel all the same."""
    device = {"leases": {"nodes": [{"devices": [{"uuid": "card-0", "shares": 8}]}]}}
    with own_park(load(), "tpsoak", device, people) as park:
        yield park


@pytest.fixture(scope="session")
def park(made: BenchPark) -> Park:
    """The same park, for what tests ask of one."""
    return Park(made.config, made.settings)
