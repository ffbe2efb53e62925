"""How far grading a class is, told from its journal: pure, so that a crash changes nothing in it.

Called by `whole_class` for the pages and the command line, and by `run` to go on where a
run was left.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from technopark_grading.class_run.journal import Event, What, Why

MOST_TRIES = 3
"""Work at which grading broke off so often is left to the teacher, as is a run without progress."""


class State(StrEnum):
    """What happens to one pupil's work."""

    WAITING = "waiting"
    GRADING = "grading"
    GRADED = "graded"
    ATTENTION = "attention"
    """The teacher must look, as the reason says."""


class Phase(StrEnum):
    """What happens to the whole class."""

    NEVER = "never"
    COLLECTING = "collecting"
    GRADING = "grading"
    BROKEN_OFF = "broken-off"
    """The process is gone in the middle; the next one goes on from there."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True)
class Work:
    """One pupil's work, as the last run sees it."""

    full_name: str
    state: State = State.WAITING
    points: float | None = None
    of: float | None = None
    reason: str = ""
    tries: int = 0
    """How often this run has begun with it."""
    lease: str = ""
    """The broker's name of the sandbox that it is, or was, graded in."""
    is_new: bool = False
    """Whether the last run graded it, and not an earlier one."""


@dataclass
class ClassState:
    """All that the journal tells of an assignment."""

    run: str = ""
    again: bool = False
    collect: bool = False
    is_alive: bool = False
    is_planned: bool = False
    works: dict[str, Work] = field(default_factory=dict)
    """Those of the last run, by pupil."""
    ended: str = ""
    stalled: str = ""
    fruitless: int = 0
    """How many processes have worked at the run since the last result."""
    moments: list[float] = field(default_factory=list)
    """When this process of the run began, and when it was done with each work since."""
    marked: dict[str, str] = field(default_factory=dict)
    """What each pupil's marks in the gradebook were given for: the key, by pupil."""

    @property
    def is_unfinished(self) -> bool:
        """Whether a run was asked for and has not come to an end."""
        return bool(self.run) and not self.ended

    @property
    def phase(self) -> Phase:
        """What happens to the class now."""
        if not self.run:
            return Phase.NEVER
        if self.ended in (Why.DONE, Why.CANCELLED):
            return Phase.DONE if self.ended == Why.DONE else Phase.CANCELLED
        if self.ended:
            return Phase.FAILED
        if not self.is_alive:
            return Phase.BROKEN_OFF
        return Phase.GRADING if self.is_planned else Phase.COLLECTING

    @property
    def left(self) -> list[str]:
        """The pupils whose work this run has still to grade."""
        open_states = (State.WAITING, State.GRADING)
        return [pupil for pupil, work in self.works.items() if work.state in open_states]

    def count(self, state: State) -> int:
        """How many works are in this state."""
        return sum(work.state is state for work in self.works.values())

    def seconds_left(self, now: float) -> int | None:
        """About how long the rest takes at the pace so far; None: nobody can say."""
        done = len(self.moments) - 1
        if self.phase is not Phase.GRADING or self.stalled or done < 1:
            return None
        pace = (self.moments[-1] - self.moments[0]) / done
        return round(max(0.0, pace * len(self.left) - (now - self.moments[-1])))


def read(events: Iterable[Event], is_alive: bool) -> ClassState:
    """The state after all `events`.

    Args:
        events: the journal's, oldest first.
        is_alive: whether a process works at the assignment.
    """
    state = ClassState(is_alive=is_alive)
    graded: dict[str, Work] = {}
    for event in events:
        if event.what is What.RUN:
            state = ClassState(
                run=event.run,
                again=event.again,
                collect=event.collect,
                is_alive=is_alive,
                marked=state.marked,
            )
        elif event.what is What.PLANNED:
            state.is_planned, state.moments = True, [event.at]
            before = {
                pupil: replace(graded.get(pupil, _UNKNOWN), full_name=full_name, is_new=False)
                for pupil, full_name in event.before.items()
            }
            state.works = before | {pupil: Work(name) for pupil, name in event.names.items()}
        elif event.pupil in state.works:
            state.works[event.pupil] = _after(event, state.works[event.pupil])
            _note_marks(event, state)
            if event.what is What.GRADED:
                graded[event.pupil] = state.works[event.pupil]
        else:
            _note_run(event, state)
    if not is_alive:
        state.works = _nobody_grades(state.works)
    return state


_UNKNOWN = Work("", State.GRADED)


def _after(event: Event, work: Work) -> Work:
    match event.what:
        case What.BEGUN:
            return replace(work, state=State.GRADING, tries=work.tries + 1, lease=event.lease)
        case What.GRADED:
            return replace(
                work,
                state=State.ATTENTION if event.reason else State.GRADED,
                points=event.points,
                of=event.of,
                reason=event.reason,
                is_new=True,
            )
        case What.BROKEN:
            return replace(work, state=State.ATTENTION, reason=event.reason, is_new=True)
        case _:
            return work


def _note_marks(event: Event, state: ClassState) -> None:
    """From the beginning of grading until its end, the gradebook may hold half of two marks."""
    state.stalled = ""
    state.marked.pop(event.pupil, None)
    if event.what is What.GRADED:
        state.marked[event.pupil] = event.key
    if event.what is not What.BEGUN:
        state.moments.append(event.at)
        state.fruitless = 0


def _note_run(event: Event, state: ClassState) -> None:
    match event.what:
        case What.TAKEN_UP:
            state.moments, state.stalled = [event.at], ""
            state.fruitless += 1
            state.works = _nobody_grades(state.works)
        case What.STALLED:
            state.stalled = event.reason
        case What.ENDED:
            state.ended, state.stalled = event.reason, ""
        case _:
            pass


def _nobody_grades(works: dict[str, Work]) -> dict[str, Work]:
    return {
        pupil: replace(work, state=State.WAITING) if work.state is State.GRADING else work
        for pupil, work in works.items()
    }


def as_answer(state: ClassState, now: float) -> dict[str, Any]:
    """The state as the pages and the command line get it.

    Args:
        state: what the journal tells.
        now: seconds since 1970.
    """
    works = sorted(state.works.items(), key=lambda one: (one[1].full_name, one[0]))
    return {
        "run": state.run,
        "state": state.phase,
        "running": state.phase in (Phase.COLLECTING, Phase.GRADING),
        "counts": {one.value: state.count(one) for one in State} | {"all": len(state.works)},
        "seconds_left": state.seconds_left(now),
        "stalled": state.stalled,
        "problem": state.ended if state.phase is Phase.FAILED else "",
        "pupils": [
            {
                "name": pupil,
                "full_name": work.full_name,
                "state": work.state,
                "points": work.points,
                "of": work.of,
                "reason": work.reason,
                "new": work.is_new,
            }
            for pupil, work in works
        ],
    }
