"""How long the hub's event loop is held up, and by what: nothing there may block for 100 ms.

Started when the hub reads its configuration. A beat on the loop says that it lives; a thread looks
whether the beat is late, and keeps what the loop's thread was doing then. It changes nothing.
"""

import asyncio
import gc
import logging
import os
import resource
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

BEAT = 0.02
"""Seconds between two beats."""
LOOK = 0.04
"""After so much of a hold-up the thread notes what the loop is doing."""
WORTH_KEEPING = 0.05
"""Seconds that are kept for whoever asks."""
WORTH_TELLING = 0.1
"""Seconds that are written to the log."""
_NEWEST = 50
_KEPT = 12
"""Lines of the program that are told, the innermost."""


@dataclass(frozen=True)
class HoldUp:
    """Once that the loop was held up."""

    seconds: float
    """In all: a pupil's page waited so long."""
    blocked: float
    """The longest single thing that the loop did in them, less what it waited for a processor.

    The rest is many short things that came at once, or other programs that had the processors.
    """
    doing: str
    """What the loop's thread was doing."""
    at: float = 0.0
    """Unix seconds, when it was over."""


class LoopLag:
    """Watches the loop that runs in this thread, from now until it is closed."""

    def __init__(self) -> None:
        self.kept: deque[HoldUp] = deque(maxlen=_NEWEST)
        """The newest ones."""
        self.worst = HoldUp(0.0, 0.0, "")
        """The one that blocked longest of all."""
        self.beats = 0
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._schedule = self._open_schedule()
        self._longest = 0.0
        # asyncio itself times single things only in its debug mode, which is slow.
        self._run_step: Any = asyncio.Handle._run
        setattr(asyncio.Handle, "_run", self._timed(self._run_step))  # noqa: B010
        self._due = time.monotonic() + BEAT
        self._doing = ""
        self._used = resource.getrusage(resource.RUSAGE_THREAD)
        self._collecting_since, self._collected = 0.0, 0.0
        gc.callbacks.append(self._note_collection)
        self._ended = threading.Event()
        self._loop.call_later(BEAT, self._beat)
        threading.Thread(target=self._look_on, name="loop-lag", daemon=True).start()

    def end(self) -> None:
        """Looks no more."""
        self._ended.set()
        setattr(asyncio.Handle, "_run", self._run_step)  # noqa: B010
        gc.callbacks.remove(self._note_collection)
        if self._schedule is not None:
            os.close(self._schedule)
            self._schedule = None

    def _beat(self) -> None:
        late = max(0.0, time.monotonic() - self._due)
        doing = self._doing + self._of_garbage() + self._of_use(late)
        found = HoldUp(late, min(late, self._longest), doing, time.time())
        self.beats += 1
        if found.blocked > self.worst.blocked:
            self.worst = found
        if late > WORTH_KEEPING:
            self.kept.append(found)
        if late > WORTH_TELLING:
            log.warning(
                "The hub's loop was held up for %.0f ms, %.0f of them by one thing:\n%s",
                late * 1000,
                found.blocked * 1000,
                found.doing or "(over before anybody looked)",
            )
        self._due = time.monotonic() + BEAT
        self._doing, self._collected, self._longest = "", 0.0, 0.0
        if not self._ended.is_set():
            self._loop.call_later(BEAT, self._beat)

    def _timed(self, run: Callable[[asyncio.Handle], None]) -> Callable[[asyncio.Handle], None]:
        """`run`, which does one thing of a loop, with a note of how long it took in this loop."""

        def step(handle: asyncio.Handle) -> None:
            if handle._loop is not self._loop:  # type: ignore[attr-defined]
                return run(handle)
            began, waited = time.monotonic(), self._waited()
            run(handle)
            took = time.monotonic() - began
            if took > self._longest:
                self._longest = max(self._longest, took - (self._waited() - waited))
            return None

        return step

    def _open_schedule(self) -> int | None:
        """The kernel's record of how long this thread waited for a processor; None: it has none."""
        try:
            path = f"/proc/self/task/{threading.get_native_id()}/schedstat"
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None

    def _waited(self) -> float:
        """Seconds that the loop's thread has waited for a processor since it began."""
        if self._schedule is None:
            return 0.0
        return int(os.pread(self._schedule, 80, 0).split()[1]) / 1e9

    def _note_collection(self, phase: str, _facts: object) -> None:
        if phase == "start":
            self._collecting_since = time.monotonic()
        else:
            self._collected += time.monotonic() - self._collecting_since

    def _of_garbage(self) -> str:
        if self._collected < BEAT:
            return ""
        return f"Python collected garbage for {self._collected * 1000:.0f} ms\n"

    def _of_use(self, late: float) -> str:
        """What the loop's thread took of the machine since the last beat, if that is worth it."""
        before, now = self._used, resource.getrusage(resource.RUSAGE_THREAD)
        self._used = now
        if late <= WORTH_KEEPING:
            return ""
        busy = now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime
        return (
            f"The thread used a processor for {busy * 1000:.0f} ms of {late * 1000:.0f}, slept "
            f"{now.ru_nvcsw - before.ru_nvcsw} times, waited for "
            f"{now.ru_majflt - before.ru_majflt} pages of the disk\n"
        )

    def _look_on(self) -> None:
        while not self._ended.wait(LOOK / 2) and not self._loop.is_closed():
            if not self._doing and time.monotonic() - self._due > LOOK:
                frame = sys._current_frames().get(self._thread)
                stack = traceback.extract_stack(frame)[-_KEPT:] if frame else []
                self._doing = "".join(traceback.format_list(stack))
