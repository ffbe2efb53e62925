"""One pupil as the page shows them at one moment. Pure.

Called by boards. Where the server stands is the hub's word, what is worked at the server's own.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from technopark.admission.looks import State
from technopark.people.class_list import Pupil
from technopark.portal.live.line_feed import Stands
from technopark.portal.live.work import Known

MINUTE = 60


@dataclass(frozen=True)
class Seen:
    """A pupil, at one moment."""

    name: str
    full_name: str
    state: State
    place: int | None = None
    notebook: str = ""
    folder: str = ""
    """Of the notebook, where it is called otherwise: nbgrader's assignment."""
    task: str = ""
    passed: int = 0
    tests: int = 0
    error: str = ""
    stuck_minutes: int | None = None
    """So long it has been the same error; None: it is a new one, or there is none."""
    hand_minutes: int | None = None
    """So long the hand is up; None: it is down."""
    hand_since: float = 0.0
    """When it was raised."""


def seen(
    pupil: Pupil, stands: Stands | None, known: Known | None, now: float, stuck: float
) -> Seen:
    """How a pupil is shown.

    Args:
        pupil: who.
        stands: where the server stands; None: the hub does not say, and what reports is there.
        known: what the server reported.
        now: on the clock of `known`.
        stuck: the same error for so many seconds is being stuck.
    """
    state, place = stands or (State.READY if known else State.AWAY, None)
    if state is not State.READY or known is None:
        return Seen(pupil.name, pupil.full_name, state, place)
    report, path = known.report, PurePosixPath(known.report.notebook)
    notebook = path.stem if path.suffix == ".ipynb" else path.name
    folder = "" if path.parent.name in ("", notebook) else path.parent.name
    error_for = now - known.error_since if known.error_since is not None else 0.0
    return Seen(
        pupil.name,
        pupil.full_name,
        state,
        notebook=notebook,
        folder=folder,
        task=report.task,
        passed=min(report.passed, report.tests),
        tests=report.tests,
        error=report.error,
        stuck_minutes=int(error_for // MINUTE) if error_for >= stuck and report.error else None,
        hand_minutes=(
            None if known.hand_since is None else int((now - known.hand_since) // MINUTE)
        ),
        hand_since=known.hand_since or 0.0,
    )


@dataclass(frozen=True)
class Summary:
    """The class in one line."""

    pupils: int
    ready: int
    waiting: int
    refused: int
    stuck: int
    hands: tuple[str, ...]
    """Full names, in the order in which they were raised."""
    is_line_known: bool


def summary(rows: list[Seen], *, is_line_known: bool) -> Summary:
    """What the line above the pupils says."""
    up = [row for row in rows if row.hand_minutes is not None]
    up.sort(key=lambda row: row.hand_since)
    return Summary(
        pupils=len(rows),
        ready=sum(row.state is State.READY for row in rows),
        waiting=sum(row.state in (State.WAITING, State.STARTING) for row in rows),
        refused=sum(row.state is State.REFUSED for row in rows),
        stuck=sum(row.stuck_minutes is not None for row in rows),
        hands=tuple(row.full_name for row in up),
        is_line_known=is_line_known,
    )
