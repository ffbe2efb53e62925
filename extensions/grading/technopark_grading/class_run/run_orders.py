"""What a person wants of a class's grading, written down before anything is done about it.

Called by `whole_class` and by `run` from a terminal; what stands in the journal is done, also
when whoever asked for it is gone.
"""

import time
import uuid
from contextlib import suppress
from pathlib import Path

from technopark_grading.class_run import journal, run_lock, run_state
from technopark_grading.class_run.journal import Event, Journal, What, Why


def ask(course: Path, assignment: str, *, again: bool = False, collect: bool = False) -> None:
    """Note in the journal that the class is to be graded; the next process does it.

    A run that is unfinished and asks for the same is gone on with.

    Args:
        course: the root of the course directory.
        assignment: its name.
        again: grade also those whose work has not changed.
        collect: bring in first what is handed in.
    """
    kept = Journal(journal.place(course, assignment))
    state = run_state.read(kept.events(), is_alive=False)
    if state.is_unfinished and not again and not collect:
        return
    kept.add(Event(What.RUN, run=uuid.uuid4().hex, at=time.time(), again=again, collect=collect))


def call_off(course: Path, assignment: str) -> None:
    """Note that an unfinished run shall not be gone on with; nothing happens while it goes on.

    Args:
        course: the root of the course directory.
        assignment: its name.
    """
    folder = journal.place(course, assignment)
    with suppress(run_lock.HeldError), run_lock.held(folder / "lock"):
        kept = Journal(folder)
        state = run_state.read(kept.events(), is_alive=False)
        if state.is_unfinished:
            kept.add(Event(What.ENDED, run=state.run, at=time.time(), reason=Why.CANCELLED))
