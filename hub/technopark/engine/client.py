"""A connection to the Docker engine that is known to work, and errors as sentences.

Called by everything that needs the engine; must never be called on the hub's event loop.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import docker
from docker.errors import APIError, DockerException
from requests.exceptions import ConnectionError as NotConnected
from requests.exceptions import RequestException, Timeout

from technopark.problem import Problem
from technopark.settings import Engine

OLDEST_API = (1, 41)
"""Docker 20.10, the engine of Debian 12."""


class EngineError(Problem):
    """The engine cannot be reached, is too old, or refused what it was asked for."""


def open_engine(engine: Engine) -> docker.APIClient:
    """A client of the engine, in the API version that both sides speak.

    Its calls give up after `engine.timeout` seconds; as many threads as `engine.threads` may use
    it at a time.

    Raises:
        EngineError: nothing answers there, it may not be used, or it is older than Docker 20.10.
    """
    with engine_errors(engine):
        client = docker.APIClient(
            base_url=engine.url,
            version="auto",
            timeout=int(engine.timeout),
            num_pools=engine.threads,
            max_pool_size=engine.threads,
        )
    version = tuple(int(part) for part in str(client.api_version).split("."))
    if version < OLDEST_API:
        client.close()
        raise EngineError(
            f"The Docker engine at {engine.url} speaks API {client.api_version}; "
            f"{'.'.join(map(str, OLDEST_API))} (Docker 20.10) or newer is needed. "
            "Upgrade it, or name another engine in `engine.url` of the settings."
        )
    return client


@contextmanager
def engine_errors(engine: Engine) -> Iterator[None]:
    """Turns what docker-py raises within the block into an `EngineError`."""
    try:
        yield
    except APIError as error:
        raise EngineError(f"The Docker engine refused: {error.explanation or error}") from error
    except Timeout as error:
        raise EngineError(
            f"The Docker engine at {engine.url} did not answer within {engine.timeout:g} seconds. "
            "Look at its log, or give it more time with `engine.timeout` in the settings."
        ) from error
    except (DockerException, NotConnected, RequestException) as error:
        raise EngineError(_unreachable(engine, error)) from error


def _unreachable(engine: Engine, error: Exception) -> str:
    if "Permission denied" in str(error):
        return (
            f"You may not use the Docker engine at {engine.url}. "
            "Run this as root, or add yourself to the group `docker` and sign in again."
        )
    return (
        f"No Docker engine answers at {engine.url}. `./park up` starts one; "
        "or name another in `engine.url` of the settings."
    )
