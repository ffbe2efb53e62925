"""All sessions of a sandbox: starts, copies, runs and ends them, and holds them to their time.

Called by `keeper`. Whatever a session says or does not say, everybody who waits gets one answer.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from technopark_sandbox import linux, processes
from technopark_sandbox.foundry import Foundry, Mould
from technopark_sandbox.lines import RequestError
from technopark_sandbox.outputs import Outputs, execution_count
from technopark_sandbox.watched import Answer, Awaited, Watched, in_seconds, watch

_MOST = 24
_START_SECONDS = 20.0
_INTERRUPT_SECONDS = 4.0
_READ_SECONDS = 2.0
_END_SECONDS = 1.0
_PACKETS = 100
"""Of one session at a time, so that none keeps the others waiting."""

Order = dict[str, Any]


class Loop(Protocol):
    """What the keeper's loop is to sessions."""

    def listen(self, fd: int, hear: Callable[[], None]) -> None:
        """From now on, calls `hear` whenever there is something to read."""

    def ignore(self, fd: int) -> None:
        """Does so no more."""


class Sessions:
    """The sessions by name, dead ones included until they are stopped."""

    def __init__(self, loop: Loop, mould: Mould) -> None:
        self._loop = loop
        self._foundry = Foundry(mould)
        self._by_name: dict[str, Watched] = {}
        self._nowhere = os.open(os.devnull, os.O_WRONLY)
        self._is_sweep_due = False
        self._memory_kills = linux.killed_for_memory()

    def start(self, answer: Answer, name: str, order: Order) -> None:
        """Has a fresh session made.

        Raises:
            RequestError: the name is taken, or there are too many.
            OSError: there are too many processes or open files.
        """
        self._must_be_free(name)
        self._cast(name, order, Awaited(answer, in_seconds(_START_SECONDS)))

    def copy(self, answer: Answer, name: str, copy: str, *, is_brief: bool = False) -> None:
        """Has a session fork; a brief copy tells errors without their way through the code.

        Raises:
            RequestError: it is not idle, the name is taken, or there are too many.
            OSError: too many files are open.
        """
        source = self._idle(name)
        self._must_be_free(copy)
        session, files = watch(copy, Awaited(answer, in_seconds(_START_SECONDS)))
        session.source = source
        try:
            source.ask({"do": "copy", "brief": is_brief}, files)
        except OSError:
            session.let_go()
            raise RequestError(f"The process {name!r} does not listen.") from None
        finally:
            _close(files)
        self._add(session)

    def run(self, answer: Answer, name: str, source: str, seconds: float, limit: int) -> None:
        """Has a session run a cell.

        Args:
            answer: gets what it came to.
            name: the session's.
            source: the cell.
            seconds: after which it is interrupted.
            limit: characters of its output that are kept.

        Raises:
            RequestError: there is no such session, or it is busy.
        """
        known = self._by_name.get(name)
        if known and (known.is_silent or not known.is_alive):
            answer(ended="died", why="gone", outputs=[], cut=False)
            return
        session = self._idle(name)
        session.drain_all(self._nowhere)
        session.runs += 1
        session.awaited = Awaited(answer, in_seconds(seconds), session.runs, Outputs(limit))
        try:
            session.ask({"do": "run", "source": source, "run": session.runs}, (), _READ_SECONDS)
        except OSError:
            self._end(session, "deaf")

    def stop(self, name: str) -> None:
        """Ends a session, and what ended sessions have left behind.

        Raises:
            RequestError: there is none of that name.
        """
        session = self._by_name.get(name)
        if session is None:
            raise RequestError(f"There is no process called {name!r}.")
        if session.is_alive:
            self._end(session, "stopped")
        del self._by_name[name]
        self._sweep()

    def clear(self, *, for_good: bool = False) -> None:
        """Ends everything but the mould; with `for_good` that, too."""
        for session in self._living():
            self._end(session, "stopped")
        self._by_name.clear()
        spared = set() if for_good else {self._foundry.mould}
        if not processes.end_strangers(spared, with_children=False) and os.getpid() == 1:
            processes.end_all()
        if for_good:
            processes.reap()
        else:
            self.reap()

    def reap(self) -> None:
        """Takes note of processes that have ended."""
        ended = processes.reap()
        for session in self._living():
            if session.pid in ended:
                self._hear(session)  # its last words
                if session.is_alive:
                    self._end(session, self._cause(ended[session.pid]))
        if self._foundry.mould in ended:
            self._foundry.ended()
            for session in self._living():
                if session.order and session.pid is None:
                    self._cast_again(session)

    def next_deadline(self) -> float | None:
        """When `look_at_the_clock` has something to do, by the monotonic clock."""
        return min((s.awaited.deadline for s in self._living() if s.awaited), default=None)

    def look_at_the_clock(self) -> None:
        """Interrupts and ends what has had its time, and what was left behind."""
        now = time.monotonic()
        for session in self._living():
            awaited = session.awaited
            if awaited is None or awaited.deadline > now:
                continue
            if session.is_silent:
                self._end(session, "gone")
            elif awaited.outputs and not awaited.is_interrupted:
                awaited.is_interrupted = True
                awaited.deadline = now + _INTERRUPT_SECONDS
                processes.interrupt(session.pid)
            else:
                if session.order:
                    self._foundry.smash()
                self._end(session, "endless")
        if self._is_sweep_due:
            self._sweep()

    def _living(self) -> list[Watched]:
        return [session for session in self._by_name.values() if session.is_alive]

    def _must_be_free(self, name: str) -> None:
        if name in self._by_name and self._by_name[name].is_alive:
            raise RequestError(f"There is a process called {name!r} already.")
        if len(self._living()) >= _MOST:
            raise RequestError(f"There are {_MOST} processes already; stop one first.")

    def _idle(self, name: str) -> Watched:
        session = self._by_name.get(name)
        if session is None:
            raise RequestError(f"There is no process called {name!r}.")
        if not session.is_alive:
            raise RequestError(f"The process {name!r} has ended.")
        if session.awaited or any(other.source is session for other in self._living()):
            raise RequestError(f"The process {name!r} is busy.")
        return session

    def _cast(self, name: str, order: Order, awaited: Awaited) -> None:
        session, files = watch(name, awaited)
        session.order = order
        try:
            self._foundry.cast(order, files)
        except OSError:
            session.let_go()
            raise
        finally:
            _close(files)
        self._add(session)

    def _cast_again(self, session: Watched) -> None:
        """Its mould has died under it: the next one shall do it, within the same time."""
        awaited, session.awaited = session.awaited, None
        self._end(session, "gone")
        if awaited and session.order:
            try:
                self._cast(session.name, session.order, awaited)
            except OSError as error:
                awaited.answer(error=f"No process can be started: {error}")

    def _add(self, session: Watched) -> None:
        self._by_name[session.name] = session
        self._loop.listen(session.incoming.wire.fileno(), partial(self._hear, session))
        for stream, fd in session.pipes.items():
            self._loop.listen(fd, partial(self._read, session, stream))

    def _read(self, session: Watched, stream: str) -> None:
        if not session.drain(stream, self._nowhere):
            # else the loop would be told again and again that there is nothing any more
            fd = session.pipes.pop(stream)
            self._loop.ignore(fd)
            os.close(fd)

    def _hear(self, session: Watched) -> None:
        if session.is_silent:
            return
        try:
            for message in session.words(_PACKETS):
                self._heard(session, message)
                if not session.is_alive:
                    return
        except EOFError:
            # what ended it is known in a moment, when its parent hears of it
            session.is_silent = True
            self._loop.ignore(session.incoming.wire.fileno())
            if session.awaited and not session.order:
                session.awaited.deadline = min(session.awaited.deadline, in_seconds(_END_SECONDS))
        except Exception as error:  # noqa: BLE001  # a session can send anything
            self._end(session, f"nonsense: {error!r}")

    def _heard(self, session: Watched, message: dict[str, Any]) -> None:
        awaited = session.awaited
        match message.get("is"):
            case "ready" if awaited and not awaited.outputs:
                self._ready(session, awaited)
            case "failed":
                for copy in [other for other in self._living() if other.source is session]:
                    self._end(copy, str(message.get("why"))[:_PACKETS])
            case "done" if awaited and awaited.run == message.get("run"):
                self._done(session, awaited, message)
            case _ if awaited and awaited.outputs:
                session.drain_all(self._nowhere)
                awaited.outputs.add(message)
        if session.is_alive and isinstance(message.get("k"), int):
            with suppress(OSError):
                session.ask({"ack": message["k"]})

    def _ready(self, session: Watched, awaited: Awaited) -> None:
        if any(other is not session and other.pid == session.pid for other in self._living()):
            self._end(session, "another one answered for it")
            return
        session.awaited = session.source = session.order = None
        awaited.answer(ok=True)

    def _done(self, session: Watched, awaited: Awaited, message: dict[str, Any]) -> None:
        session.drain_all(self._nowhere)
        session.awaited = None
        ended = "ok" if message.get("ok") is True else "error"
        self._answer_run(
            awaited,
            "timeout" if awaited.is_interrupted else ended,
            execution_count=execution_count(message.get("count")),
        )

    def _cause(self, status: int) -> str:
        kills = linux.killed_for_memory()
        is_memory, self._memory_kills = kills > self._memory_kills, kills
        if os.WIFEXITED(status):
            return "exit"
        return "memory" if is_memory and os.WTERMSIG(status) == signal.SIGKILL else "signal"

    def _end(self, session: Watched, why: str) -> None:
        """End a session, whatever it does, and give the answer that somebody waits for."""
        if session.pid and session.pid not in (1, os.getpid(), self._foundry.mould):
            processes.send(session.pid, signal.SIGKILL)
        session.drain_all(self._nowhere)
        wires = [] if session.is_silent else [session.incoming.wire.fileno()]
        for fd in (*wires, *session.pipes.values()):
            self._loop.ignore(fd)
        session.let_go()
        self._is_sweep_due = True
        awaited, session.awaited, session.source = session.awaited, None, None
        if awaited and awaited.outputs:
            self._answer_run(awaited, "died", why=why)
        elif awaited:
            awaited.answer(error=f"The process {session.name!r} did not start: {why}.")

    def _sweep(self) -> None:
        """End what sessions have left behind; not while one starts, as it is not known yet."""
        living = self._living()
        self._is_sweep_due = any(session.pid is None for session in living)
        if not self._is_sweep_due:
            spared = {self._foundry.mould} | {session.pid for session in living if session.pid}
            processes.end_strangers(spared, with_children=True)
            self.reap()

    def _answer_run(self, awaited: Awaited, ended: str, **more: Any) -> None:
        outputs = awaited.outputs
        if outputs:
            awaited.answer(ended=ended, outputs=outputs.shown, cut=outputs.is_cut, **more)


def _close(files: tuple[int, ...]) -> None:
    for fd in files:
        os.close(fd)
