"""A park whose settings choose the ordinary way: pupils learn in it, and there is no parent."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from support.park import Park, make_park
from support.visitor import Visitor

from technopark.engine.client import open_engine
from technopark.engine.parent import PARENT_LABEL, parent_folder
from technopark.engine.park_containers import park_containers

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]

CLASS = "data-6a"


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory, names_of_localhost: None) -> Iterator[Park]:
    folder = tmp_path_factory.mktemp("ordinary")
    made = make_park(folder, "tpord", servers={"way": "ordinary"})
    try:
        made.call("up")
        yield made
    finally:
        made.call("down")


def test_a_pupil_signs_in_gets_a_server_and_runs_a_cell(park: Park, signed_in: Arrive) -> None:
    masha = signed_in("masha")
    assert masha.start(CLASS).status_code == httpx.codes.OK
    assert masha.run(CLASS, masha.new_kernel(CLASS), "6 * 7") == "42"
    config = park.container("masha", CLASS)["Config"]
    assert (config["Entrypoint"], config["Cmd"][0]) == (
        ["tini", "--"],
        "/opt/server/bin/technopark-server",
    )
    assert "starts the ordinary way" not in park.logs(1000)  # it is no fallback


def test_nothing_is_made_of_a_parent(park: Park) -> None:
    engine, name = open_engine(park.settings.engine), park.settings.network.name
    labels = [PARENT_LABEL, f"technopark.park={name}"]
    assert engine.containers(all=True, filters={"label": labels}) == []
    assert f"{name}-parent" not in {each.name for each in park_containers(engine, name)}
    assert not parent_folder(park.settings).exists()


def test_the_command_tells_of_it(park: Park) -> None:
    assert "`servers.way` is ordinary" in park.call("doctor")
