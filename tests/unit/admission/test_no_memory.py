"""A machine without memory says so, to the pupil and to the admin."""

import json
from collections.abc import Iterator

import pytest
from support.hub_with_stand_ins import hub_with_stand_ins, signed_in
from support.park import Park
from support.waiting import eventually

from technopark.admission.report import read_report
from technopark.bench.hub.people import Visit

pytestmark = pytest.mark.slow

ROOM = "room-0000"


@pytest.fixture
def park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Park]:
    """No machine has the memory that this one is to keep free."""
    folder = tmp_path_factory.mktemp("hub")
    rules = {"keep_free": "1000T"}
    with hub_with_stand_ins(folder, [Visit("masha", ROOM)], admission=rules) as (made, _):
        yield made


def test_a_pupil_is_told_to_tell_the_teacher_and_the_admin_what_to_do(park: Park) -> None:
    with signed_in(park, "masha") as (masha,):
        page = masha.http.get(f"/hub/spawn/masha/{ROOM}")
        with masha.http.stream("GET", f"/hub/api/users/masha/servers/{ROOM}/progress") as stream:
            lines = [line for line in stream.iter_lines() if line.startswith("data: ")]
        told = json.loads(lines[-1].removeprefix("data: "))
        assert told["failed"]
        assert "слишком мало памяти" in told["html_message"]
        assert "Скажи об этом учителю" in told["html_message"]
        page = masha.http.get(f"/hub/spawn-pending/masha/{ROOM}")
        assert "Скажи об этом учителю" in page.text

    log = (park.settings.data / "logs" / "hub.log").read_text("utf-8")
    assert f"No server for masha in {ROOM}" in log
    assert "give the machine more memory" in log
    eventually(lambda: (found := read_report(park.settings)) and found.refused == 1, 10, "a report")
