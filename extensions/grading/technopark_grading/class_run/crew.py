"""Grades many works at a time, each in a sandbox of its own; one that breaks stops no other.

Called by `run`. How many really run at a time is decided by the broker's line, in which each
hand waits for its sandbox.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from technopark_grading.class_run.journal import What
from technopark_grading.class_run.run_state import MOST_TRIES
from technopark_grading.class_run.run_words import say
from technopark_grading.sandboxes.sandbox import (
    NoSandboxError,
    OpenSandbox,
    Sandbox,
    SandboxLostError,
)
from technopark_grading.submission.grade import NotGradedError, Outcome
from technopark_grading.submission.lineage import CancelledError

PATIENCE_S = 300.0
"""How long a run waits where no sandbox is to be had at all, as when the broker is mended."""

_PAUSE_S = 5.0
_log = logging.getLogger(__name__)

Grade = Callable[[str, OpenSandbox, Callable[[], bool]], Outcome]
"""Grades a pupil's work in a sandbox that it opens, unless cancelled; called on many threads."""

Note = Callable[..., None]
"""Writes an event: its kind, and the fields that it has."""


@dataclass
class Crew:
    """Those who grade one class."""

    grade: Grade
    open_sandbox: OpenSandbox
    note: Note
    hands: int
    patience: float = PATIENCE_S
    """Seconds."""
    failure: str = ""
    """Why the run cannot go on; empty: it can."""
    _stopped: threading.Event = field(default_factory=threading.Event)
    _open: dict[int, Sandbox] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _supplied: float = 0.0
    """When a sandbox was last to be had."""

    @property
    def is_stopped(self) -> bool:
        """Whether somebody told it to stop, or nothing can be graded any more."""
        return self._stopped.is_set()

    def work(self, keys: Mapping[str, str], tries: Mapping[str, int]) -> None:
        """Grade everybody's work; returns when all is done, or soon after `stop`.

        Args:
            keys: what is graded, by pupil.
            tries: how often the work of a pupil was begun already and broke off.
        """
        self._supplied = time.monotonic()
        hands = ThreadPoolExecutor(self.hands, thread_name_prefix="grading")
        jobs = [
            hands.submit(self._grade_one, pupil, key, tries.get(pupil, 0))
            for pupil, key in keys.items()
        ]
        try:
            while not self.is_stopped and wait(jobs, timeout=0.2).not_done:
                pass
        finally:
            hands.shutdown(wait=False, cancel_futures=True)
        for job in jobs:
            if job.done() and not job.cancelled():
                job.result()  # a mistake of the program must not look like an end

    def stop(self) -> None:
        """Begin nothing more; `give_back` ends what is under way."""
        self._stopped.set()

    def give_back(self, seconds: float) -> None:
        """Let go of all sandboxes, within about `seconds`; those who work in them notice."""
        with self._lock:
            held = list(self._open.values())
        threads = [threading.Thread(target=_close, args=(one,), daemon=True) for one in held]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _grade_one(self, pupil: str, key: str, tries: int) -> None:
        """Try until there is an outcome, or it is clear that there will be none."""
        if tries >= MOST_TRIES:
            self._broken(pupil, key, say("broke off", tries=tries))
            return
        while not self._stopped.is_set():
            attempt = _Attempt(self, pupil, key)
            try:
                outcome = self.grade(pupil, attempt.open, lambda: self.is_stopped)
            except CancelledError:
                return
            except Exception as problem:  # noqa: BLE001 (the rest of the class goes on)
                if self._stopped.is_set():
                    return
                if attempt.unsupplied:
                    self._await_supply(attempt.unsupplied)
                    continue
                _log.exception("Could not grade %s", pupil)
                self._broken(pupil, key, say("broken", problem=_in_short(problem)))
            else:
                self._came_to(pupil, key, outcome, attempt.is_lost)
            return

    def _came_to(self, pupil: str, key: str, outcome: Outcome, is_lost: bool) -> None:
        reason = " ".join(outcome.reasons) if outcome.needs_attention else ""
        if is_lost:
            # these points were given for nothing, and the next run may do better
            self._broken(pupil, key, reason)
            return
        self.note(
            What.GRADED,
            pupil=pupil,
            key=key,
            points=outcome.points,
            of=outcome.most,
            reason=reason,
        )

    def _broken(self, pupil: str, key: str, reason: str) -> None:
        self.note(What.BROKEN, pupil=pupil, key=key, reason=reason)

    def _await_supply(self, problem: str) -> None:
        """Wait a moment; nobody gets a sandbox for too long: that is the end of the run."""
        with self._lock:
            if time.monotonic() - self._supplied > self.patience:
                self.failure = problem
                self.stop()
                return
        self.note(What.STALLED, reason=problem)
        self._stopped.wait(min(_PAUSE_S, self.patience))

    def _hold(self, sandbox: Sandbox) -> None:
        with self._lock:
            self._supplied = time.monotonic()
            self._open[id(sandbox)] = sandbox

    def _let_go(self, sandbox: Sandbox) -> None:
        with self._lock:
            del self._open[id(sandbox)]


@dataclass
class _Attempt:
    """One attempt at a work, with what became of its sandboxes."""

    crew: Crew
    pupil: str
    key: str
    unsupplied: str = ""
    """Why there was no sandbox."""
    is_lost: bool = False
    """Whether the last sandbox went away in the middle."""
    is_begun: bool = False

    @contextmanager
    def open(self) -> Iterator[Sandbox]:
        """A sandbox that the crew can give back at any moment."""
        if self.crew.is_stopped:
            raise CancelledError
        try:
            opened = self.crew.open_sandbox()
        except NoSandboxError as problem:
            self.unsupplied = str(problem)
            raise
        with opened as sandbox:
            self.crew._hold(sandbox)
            try:
                yield self._begin(sandbox)
            except SandboxLostError:
                self.is_lost = True
                raise
            finally:
                self.crew._let_go(sandbox)

    def _begin(self, sandbox: Sandbox) -> Sandbox:
        if self.crew.is_stopped:
            raise CancelledError
        self.is_lost = False
        if not self.is_begun:
            self.is_begun = True
            self.crew.note(What.BEGUN, pupil=self.pupil, key=self.key, lease=sandbox.lease)
        return sandbox


def _close(sandbox: Sandbox) -> None:
    with suppress(Exception):  # what is not given back now, the broker takes back by itself
        sandbox.close()


def _in_short(problem: Exception) -> str:
    told = (str(problem).strip().splitlines() or [""])[-1]
    kind = "" if isinstance(problem, NotGradedError) else f"{type(problem).__name__}: "
    return f"{kind}{told}"[:200]
