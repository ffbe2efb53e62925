"""What tests of forked servers share: a parent of their own, and a hub that knows one person."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial

import pytest
from support.forked import Forking, Server, current_image, server

from technopark.bench.stub_hub import stub_hub
from technopark.engine.client import open_engine
from technopark.engine.parent import ensure_parent, remove_parent
from technopark.engine.short_lived import gateway
from technopark.settings import Network, load


@pytest.fixture(scope="session")
def forking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forking]:
    data = tmp_path_factory.mktemp("forking")
    park = f"tpf-{secrets.token_hex(3)}"  # its parent is found by this name, and by nobody else's
    settings = load().model_copy(update={"data": data, "network": Network(name=park)})
    with closing(open_engine(settings.engine)) as client, stub_hub(gateway(client)) as environment:
        made = Forking(client, settings, current_image(client), environment)
        try:
            ensure_parent(client, made.image, settings)
            yield made
        finally:
            remove_parent(client, park)


@pytest.fixture
def fork_one(forking: Forking) -> Iterator[Callable[..., Server]]:
    """Forks servers; they are gone when the test ends."""
    with ExitStack() as ends:

        def start(image: str = "", *, kernels: bool = True, **more: str) -> Server:
            return ends.enter_context(
                server(
                    forking.client,
                    image or forking.image,
                    {**forking.environment, **more},
                    forking.folder,
                    kernels=kernels,
                )
            )

        yield start


@pytest.fixture(scope="session")
def both_ways(forking: Forking) -> Iterator[dict[str, Server]]:
    """One server that was forked and one that started the ordinary way, alike in all else."""
    start = partial(server, forking.client, forking.image, forking.environment)
    with start(parent=forking.folder) as forked, start() as ordinary:
        yield {"forked": forked, "ordinary": ordinary}
