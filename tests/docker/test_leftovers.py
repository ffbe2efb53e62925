"""What the soak looks for when its park is down would be found, were it there."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from docker import APIClient
from support.forked import current_image
from support.leftovers import dangling, left_behind

from technopark.engine.client import open_engine
from technopark.engine.networks import PARK_LABEL
from technopark.settings import Network, Settings, load

pytestmark = pytest.mark.docker


@pytest.fixture
def settings() -> Settings:
    """Of a park that never was."""
    name = f"tpl-{secrets.token_hex(3)}"
    return load().model_copy(update={"network": Network(name=name)})


@pytest.fixture
def engine(settings: Settings) -> Iterator[APIClient]:
    client = open_engine(settings.engine)
    yield client
    client.close()


@pytest.fixture
def later() -> Iterator[Callable[..., None]]:
    """What is to be done when the test has ended."""
    with ExitStack() as stack:
        yield lambda *call, **words: stack.callback(*call, **words) and None


def test_nothing_is_nothing(settings: Settings) -> None:
    assert left_behind(settings, dangling(settings)) == {}


@pytest.mark.parametrize("by", ["name", "label"])
def test_a_container(
    by: str, settings: Settings, engine: APIClient, later: Callable[..., None]
) -> None:
    name, before = settings.network.name, dangling(settings)
    how = {"name": f"{name}-left"} if by == "name" else {"labels": {PARK_LABEL: name}}
    made = engine.create_container(current_image(engine), **how)["Id"]
    later(engine.remove_container, made)
    assert list(left_behind(settings, before)) == ["containers"]


def test_a_volume_without_a_name_whose_container_is_gone(
    settings: Settings, engine: APIClient, later: Callable[..., None]
) -> None:
    before = dangling(settings)
    made = engine.create_container(current_image(engine), volumes=["/left"])["Id"]
    assert left_behind(settings, before) == {}  # somebody has it, who may be anybody
    (volume,) = (mount["Name"] for mount in engine.inspect_container(made)["Mounts"])
    engine.remove_container(made)  # and not its volumes, which is what would be forgotten
    later(engine.remove_volume, volume)
    assert left_behind(settings, before) == {"volumes": [volume]}


def test_a_network(settings: Settings, engine: APIClient, later: Callable[..., None]) -> None:
    name, before = settings.network.name, dangling(settings)
    engine.create_network(f"{name}-left", driver="bridge")
    later(engine.remove_network, f"{name}-left")
    assert left_behind(settings, before) == {"networks": [f"{name}-left"]}
