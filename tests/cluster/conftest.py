"""A Swarm of two nodes for all tests here; `test_swarm_leases` comes last and loses one of them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest
from support.cluster import BOSS, FAR, Node, cluster
from support.forked import current_image, derived

from technopark.engine.client import open_engine
from technopark.settings import load


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all nodes have at the same place."""
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="session")
def host() -> Iterator[docker.APIClient]:
    """The engine of this machine, whose containers are the nodes."""
    with closing(open_engine(load().engine)) as client:
        yield client


@pytest.fixture(scope="session")
def image(host: docker.APIClient) -> str:
    """A base image, which the nodes have."""
    return current_image(host)


@pytest.fixture(scope="session")
def newer_image(host: docker.APIClient, image: str) -> str:
    """The next base image, which the nodes have, too."""
    return derived(host, image, ["RUN touch /newer"])


@pytest.fixture(scope="session")
def nodes(
    host: docker.APIClient, shared: Path, image: str, newer_image: str
) -> Iterator[list[Node]]:
    with cluster(host, load(), [BOSS, FAR], [image, newer_image], shared) as made:
        yield made
