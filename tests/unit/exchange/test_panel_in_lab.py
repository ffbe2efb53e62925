"""What the panel in Lab asks a pupil's server, on the running exchange: from a task to its mark."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.lab_server import LabServer, lab_server
from support.small_task import NAME as TASK
from support.small_task import TEST, notebook

from technopark.bench import rehearsal

pytestmark = pytest.mark.slow
ADDRESS = f"/classrooms/data-6a/assignments/{TASK}"


@pytest.fixture
def masha_sits_down(site: Any, teacher: httpx.Client, tmp_path: Path) -> Iterator[LabServer]:
    site.set_clock(site.before)
    files = rehearsal.archive({f"{TASK}.ipynb": notebook()})
    teacher.put(ADDRESS, content=files, params={"due": site.due.isoformat()}).raise_for_status()
    home = tmp_path / "home"
    home.mkdir()
    with lab_server(home, "masha", site.url) as server:
        yield server


def test_from_a_task_to_its_mark(
    masha_sits_down: LabServer, site: Any, teacher: httpx.Client
) -> None:
    masha = masha_sits_down
    lesson = masha.ask("tasks")
    assert (lesson["timezone"], lesson["gpu"]) == ("Europe/Moscow", False)
    (task,) = lesson["tasks"]
    assert (task["name"], task["here"], task["works"]) == (TASK, False, [])
    assert task["due"].startswith("2026-11-25T15:00:00")

    assert masha.act("get", TASK).json() is None
    (task,) = masha.ask("tasks")["tasks"]
    assert task["notebooks"] == [{"name": TASK, "path": f"{TASK}/{TASK}.ipynb"}]

    (finding,) = masha.act("check", TASK).json()
    assert finding["verdict"] == "failed"
    assert finding["cells"] == [{"source": TEST, "error": "NameError: name 'total' is not defined"}]

    mine = masha.folder / TASK / f"{TASK}.ipynb"
    mine.write_bytes(notebook("total = 5"))
    assert masha.act("check", TASK).json() == [{"notebook": TASK, "verdict": "passed", "cells": []}]
    mine.write_bytes(notebook("total = 4", test="assert True"))
    (finding,) = masha.act("check", TASK).json()
    assert (finding["verdict"], finding["cells"]) == ("changed", [{"source": "assert True"}])

    mine.write_bytes(notebook("total = 5"))
    taken = masha.act("hand-in", TASK).json()
    assert taken["remarks"] == []
    receipt = json.loads((masha.folder / taken["file"]).read_text())
    assert receipt["id"] == taken["receipt"]["id"]
    (work,) = masha.ask("tasks")["tasks"][0]["works"]
    assert (work["receipt"], work["late"], work["feedback"]) == (receipt["id"], False, "none")

    page = b"<h3>count (Score: 1.0 / 2.5)</h3>"
    teacher.put(
        f"/submissions/{receipt['id']}/feedback",
        content=rehearsal.archive({f"{TASK}.html": page}),
        params={"person": "masha", "assignment": TASK},
    ).raise_for_status()
    assert masha.ask("tasks")["tasks"][0]["works"][0]["feedback"] == "ready"
    assert masha.act("feedback", TASK).json() is None
    (work,) = masha.ask("tasks")["tasks"][0]["works"]
    assert (work["feedback"], work["mark"]) == ("here", {"score": 1.0, "most": 2.5})
    assert (masha.folder / work["pages"][0]["path"]).read_bytes() == page


def test_refusals_are_sentences(masha_sits_down: LabServer) -> None:
    masha = masha_sits_down
    answer = masha.act("check", "chess")
    assert (answer.status_code, answer.json()["message"]) == (
        409,
        "There is no task “chess” here. Press “Refresh” and look again.",
    )
    assert "Fetch it first" in masha.act("hand-in", TASK).json()["message"]
    assert masha.act("check", "../..").status_code == 409
