"""Nobody signs in on a pupil's name: a script of the pupil's could use the sign-in."""

from collections.abc import Iterator

import httpx
import pytest
from support.hub_with_stand_ins import hub_with_stand_ins
from support.park import Park

from technopark.bench.hub.people import Visit
from technopark.bench.own_park import free_ports

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory, names_of_localhost: None) -> Iterator[Park]:
    """A hub on a name, and so with a name for each person."""
    [port] = free_ports(1)
    web = {"address": f"http://park.localhost:{port}"}
    coming = [Visit("masha", "room-0000")]
    with hub_with_stand_ins(tmp_path_factory.mktemp("hub"), coming, web=web) as (made, _place):
        yield made


def test_the_hub_answers_on_its_own_name_alone(park: Park) -> None:
    pupils = park.address.replace("//", "//masha.")
    with httpx.Client(trust_env=False, timeout=60) as http:
        answer = http.get(f"{pupils}/hub/login?next=%2Fhub%2Fhome")
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"{park.address}/hub/login?next=%2Fhub%2Fhome"
        assert "Set-Cookie" not in answer.headers
        for path in ("/hub/login", "/hub/api/users/masha/tokens"):
            assert http.post(f"{pupils}{path}", data={"username": "masha"}).status_code == 403
        assert http.get(f"{park.address}/hub/login").status_code == 200
