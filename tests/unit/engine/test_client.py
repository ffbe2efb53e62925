"""What is said when the engine is not there, too old, or refuses."""

from typing import Any

import docker
import pytest
from docker.errors import APIError
from requests.exceptions import ReadTimeout

from technopark.engine.client import EngineError, engine_errors, open_engine
from technopark.settings import Engine


class OldEngine:
    """An engine of Debian 11's time, or of the version given."""

    api_version = "1.40"

    def __init__(self, **arguments: Any) -> None:
        self.arguments = arguments

    def close(self) -> None:
        pass


class NewEngine(OldEngine):
    api_version = "1.41"


def test_no_engine_is_told_with_its_address() -> None:
    with pytest.raises(EngineError, match=r"No Docker engine answers at tcp://.*`./park up`"):
        open_engine(Engine(url="tcp://127.0.0.1:1"))


def test_an_old_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "APIClient", OldEngine)
    with pytest.raises(EngineError, match=r"speaks API 1\.40; 1\.41 \(Docker 20\.10\) or newer"):
        open_engine(Engine())


def test_calls_have_a_time_out_and_threads_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "APIClient", NewEngine)
    client: Any = open_engine(Engine(timeout=7, threads=3))
    assert client.arguments["timeout"] == 7
    assert client.arguments["num_pools"] == 3


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ReadTimeout("slow"), "did not answer within 60 seconds"),
        (APIError("no", explanation="no space left on device"), "refused: no space left"),
        (PermissionError(13, "Permission denied"), "You may not use the Docker engine"),
    ],
)
def test_errors_become_sentences(error: Exception, text: str) -> None:
    if isinstance(error, PermissionError):
        error = docker.errors.DockerException(f"Error while fetching version: {error}")
    with pytest.raises(EngineError, match=text), engine_errors(Engine()):
        raise error
