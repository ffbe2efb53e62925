"""`down` removes what is there, also what somebody else is just removing."""

from typing import Any

import pytest
from docker.errors import APIError, NotFound

from technopark.engine.park_containers import remove_park_containers


class Answer:
    """An HTTP answer, as docker-py's errors keep it."""

    def __init__(self, status: int) -> None:
        self.status_code, self.reason, self.url = status, "", ""


class Engine:
    """An engine with one container, whose removal ends as `removal` says."""

    def __init__(self, removal: APIError | None) -> None:
        self.removal = removal
        self.did: list[str] = []

    def containers(self, **_words: Any) -> list[dict[str, Any]]:
        facts = {"Image": "base", "State": "running", "Created": 0, "Status": "Up"}
        return [{"Id": "c1", "Names": ["/park-masha"], **facts}]

    def stop(self, _container: str, **_words: Any) -> None:
        self.did.append("stop")

    def remove_container(self, _container: str, **_words: Any) -> None:
        self.did.append("remove")
        if self.removal:
            raise self.removal

    def wait(self, _container: str, **words: Any) -> None:
        self.did.append(f"wait until {words['condition']}")
        raise NotFound("it has gone")


def error(status: int) -> APIError:
    return APIError("the engine refused", response=Answer(status))


def test_whoever_removes_it_it_is_gone_afterwards() -> None:
    for removal, then in ((None, []), (NotFound("gone"), []), (error(409), ["wait until removed"])):
        engine: Any = Engine(removal)
        assert remove_park_containers(engine, "park", threads=1) == 1
        assert engine.did == ["stop", "remove", *then]


def test_what_the_engine_cannot_do_is_told() -> None:
    engine: Any = Engine(error(500))
    with pytest.raises(APIError):
        remove_park_containers(engine, "park", threads=1)
