"""`./park` as an admin uses it on a park that runs."""

import re
import time

import pytest
from support.park import Park

from technopark.machine import supervisor

pytestmark = pytest.mark.docker


def test_a_second_up_is_quick_and_leaves_all_as_it_is(park: Park) -> None:
    before = {state.name: state.pid for state in supervisor.states(park.settings)}
    started = time.monotonic()
    said = park.call("up")
    assert time.monotonic() - started < 15
    assert {state.name: state.pid for state in supervisor.states(park.settings)} == before
    assert f"The park is up: {park.address}" in said
    for role in ("pupil (ученик)", "teacher (учитель)", "author (автор)", "admin (администратор)"):
        assert role in said
    assert park.words["masha"] in said


def test_the_doctor_finds_nothing_to_mend(park: Park) -> None:
    said = park.call("doctor")
    assert said.splitlines()[-1] == "All is well."
    assert "From inside    a container reaches the hub and the services, and nothing else" in said


def test_the_status_names_processes_servers_and_images(park: Park) -> None:
    said = park.call("status")
    for name in ("proxy", "hub", "exchange", "broker", "bell", "portal", "egress", "culler"):
        assert f"  {name:10} RUNNING" in said
    assert "Servers: " in said
    assert re.search(r"Images: (\d+) of \1 built", said)


def test_the_logs_of_one_process_are_its_own(park: Park) -> None:
    assert "JupyterHub" in park.call("logs", "hub", "-n", "500")
