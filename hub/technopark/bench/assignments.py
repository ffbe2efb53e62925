"""An assignment's way in a bench's park: handed out, fetched, handed in, with a receipt for it.

Called by the bench `city` and the soak; through the real exchange and nbgrader's panel.
"""

import json
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import httpx

from technopark.bench import rehearsal
from technopark.bench.own_park import BenchPark
from technopark.bench.pupil import Pupil, PupilError, Seat
from technopark.people.demo import DemoClassroom

ASSIGNMENT = "ps1"
_NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def release(park: BenchPark, room: DemoClassroom) -> None:
    """The classroom's teacher hands the assignment out."""
    parcel = rehearsal.archive({f"{ASSIGNMENT}.ipynb": json.dumps(_NOTEBOOK).encode()})
    with closing(park.client(room.teachers[0])) as teacher:
        address = f"http://{park.gateway}:{park.settings.exchange.port}"
        httpx.put(
            f"{address}/classrooms/{room.id}/assignments/{ASSIGNMENT}",
            content=parcel,
            headers={"Authorization": teacher.headers["Authorization"]},
            trust_env=False,
        ).raise_for_status()


async def click(pupil: Pupil, action: str) -> None:
    """Clicks a button of nbgrader's list of assignments: `fetch` or `submit`.

    Raises:
        PupilError: it did not come about.
    """
    order = {"course_id": pupil.seat.classroom, "assignment_id": ASSIGNMENT}
    answer = await pupil.ask(action, "POST", f"assignments/{action}", order)
    if not answer["success"]:
        raise PupilError(str(answer["value"]))


def receipts(park: BenchPark, seats: Sequence[Seat]) -> list[dict[str, Any]]:
    """The receipts that lie in the pupils' folders."""
    return [
        json.loads(path.read_text(encoding="utf-8"))
        for seat in seats
        for path in (park.settings.homes / seat.name / seat.classroom / ASSIGNMENT).glob("*/*.json")
    ]
