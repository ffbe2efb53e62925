"""Fixtures of the tests that need a whole park. Unit tests have their own, in `unit/`."""

import os
import socket
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.park import Park, make_park
from support.visitor import Visitor

from technopark.settings import load


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds to a failure what its park and the servers in it said last."""
    report = yield
    if report.failed:
        for value in vars(item).get("funcargs", {}).values():
            if isinstance(value, Park):
                report.sections.append(("the park's logs", value.logs()))
                report.sections.append(("the servers' logs", value.server_logs()))
    return report


@pytest.fixture(scope="session")
def names_of_localhost() -> Iterator[None]:
    """`kid.localhost` is this machine, as browsers have it (RFC 6761); libraries do not know."""
    ordinary = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        is_local = isinstance(name, str) and name.endswith(".localhost")
        return ordinary("127.0.0.1" if is_local else host, *arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


@pytest.fixture(scope="session")
def park(tmp_path_factory: pytest.TempPathFactory, names_of_localhost: None) -> Iterator[Park]:
    """A park of the tests' own, brought up and taken down by the real command."""
    if running := os.environ.get("TECHNOPARK_TEST_PARK"):
        # While writing a test: a park that is up already, by the path of its settings.
        yield Park(Path(running), load(Path(running)))
        return
    made = make_park(tmp_path_factory.mktemp("park"), "tptest")
    try:
        made.call("up")
        yield made
    finally:
        made.call("down")


@pytest.fixture
def visitor(park: Park) -> Iterator[Callable[[str], Visitor]]:
    """Visitors at the door of the park, by name."""
    with ExitStack() as closing_time:

        def arrive(name: str) -> Visitor:
            return closing_time.enter_context(closing(Visitor(park, name)))

        yield arrive


@pytest.fixture
def signed_in(visitor: Callable[[str], Visitor]) -> Callable[[str], Visitor]:
    """Visitors who have signed in already."""

    def arrive(name: str) -> Visitor:
        somebody = visitor(name)
        assert somebody.sign_in().status_code == httpx.codes.OK
        return somebody

    return arrive
