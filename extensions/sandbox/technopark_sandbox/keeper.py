"""Process 1 of a sandbox: takes requests, has sessions forked, watches over their time and end.

Pupils' code never runs here and cannot reach it. It answers every request, whatever sessions send
or fail to send, and forgets what it has passed on.
"""

import json
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from technopark_sandbox import linux, processes, wire
from technopark_sandbox.folder import MOST_BYTES, Folder, FolderError, Kept
from technopark_sandbox.outputs import Outputs
from technopark_sandbox.watched import Awaited, Watched, in_seconds, watch

_LONGEST_LINE = 32 * 1024 * 1024
_START_SECONDS = 20.0
_INTERRUPT_SECONDS = 4.0
_READ_SECONDS = 2.0
_END_SECONDS = 1.0
_CHUNK = 65_536
_PACKETS = 100
"""Of one session at a time, so that none keeps the others waiting."""
_OUTPUT = (1_000, 1_000_000)
_MOST_SESSIONS = 24
_MOST_SECONDS = 3_600


class RequestError(Exception):
    """A request that cannot be done; the text is a sentence that says why."""


class Keeper:
    """The whole sandbox, as one loop over everything that may have something to say."""

    def __init__(self, folder: Path) -> None:
        self._folder = Folder(folder)
        self._kept: dict[str, list[Kept]] = {}
        self._environment: dict[str, str] = {}
        self._output = 50_000
        self._sessions: dict[str, Watched] = {}
        self._selector = selectors.PollSelector()
        self._nowhere = os.open(os.devnull, os.O_RDWR)
        self._requests, self._answers = _take_over_streams(self._nowhere)
        self._line = bytearray()
        self._line_is_lost = False
        self._is_done = False
        self._sweep_is_due = False
        self._memory_kills = linux.killed_for_memory()
        self._wakes = _wakes_at_childrens_end()
        self._mould = 0
        self._mould_wire: socket.socket
        self._start_mould()

    def serve(self) -> None:
        """Answers requests until there can be no more; then ends everything."""
        if os.getpid() != 1:
            signal.signal(signal.SIGTERM, self._stop_serving)
        self._listen(self._requests, self._read_requests)
        self._listen(self._wakes, self._reap)
        while not self._is_done:
            for key, _events in self._selector.select(self._patience()):
                # an earlier one in this round may have ended this one
                if self._selector.get_map().get(key.fd) is key:
                    key.data()
            self._look_at_the_clock()
            if self._sweep_is_due:
                self._sweep()
        self._end_everything()

    def _stop_serving(self, *_signal: object) -> None:
        self._is_done = True

    # requests

    def _read_requests(self) -> None:
        content = os.read(self._requests, _CHUNK)
        if not content:
            self._is_done = True
            return
        *ends, rest = content.split(b"\n")
        for end in ends:
            line, is_lost = self._line + end, self._line_is_lost
            self._line, self._line_is_lost = bytearray(), False
            if is_lost:
                self._answer(None, error=f"A line is longer than {_LONGEST_LINE} bytes.")
            elif line.strip():
                self._take(line)
        self._line += rest
        if len(self._line) > _LONGEST_LINE:
            self._line, self._line_is_lost = bytearray(), True

    def _take(self, line: bytearray) -> None:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError) as error:
            self._answer(None, error=f"A request is not JSON: {error}")
            return
        if not isinstance(request, dict):
            self._answer(None, error="A request is not a JSON object.")
            return
        n = request.get("n")
        try:
            self._doer(request)(request)
        except (RequestError, FolderError) as refused:
            self._answer(n, error=str(refused))
        except Exception as error:  # noqa: BLE001  # somebody waits for an answer, whatever it is
            self._answer(n, error=f"The sandbox could not do it: {error!r}")

    def _doer(self, request: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
        doers = {
            "open": self._open,
            "start": self._start,
            "copy": self._copy,
            "run": self._run,
            "stop": self._stop,
            "clear": self._clear,
            "keep": self._keep,
            "restore": self._restore,
        }
        do = doers.get(str(request.get("do")))
        if do is None:
            raise RequestError(f"There is nothing called {request.get('do')!r} to do.")
        return do

    def _open(self, request: dict[str, Any]) -> None:
        files = _texts(request, "files")
        environment = _texts(request, "environment")
        output = request.get("output", self._output)
        if not isinstance(output, int) or not _OUTPUT[0] <= output <= _OUTPUT[1]:
            raise RequestError(f"`output` must be a number from {_OUTPUT[0]} to {_OUTPUT[1]}.")
        self._folder.put(files)
        self._environment, self._output = environment, output
        self._answer(request["n"], ok=True)

    def _start(self, request: dict[str, Any]) -> None:
        if not self._mould:
            self._start_mould()
        processes.send(self._mould, signal.SIGCONT)  # a cell may have stopped it
        session, fds = self._new_session(request, _text(request, "process"))
        order = {
            "environment": self._environment,
            "folder": str(self._folder.path),
            "limit": self._output,
        }
        try:
            wire.send(self._mould_wire, order, fds)
        except OSError:
            # somebody has ended it, and that has not been noticed yet
            self._start_mould()
            wire.send(self._mould_wire, order, fds)
        finally:
            _close(fds)
        self._add(session)

    def _copy(self, request: dict[str, Any]) -> None:
        source = self._idle(_text(request, "process"))
        session, fds = self._new_session(request, _text(request, "as"))
        session.source = source
        try:
            source.ask({"do": "copy"}, fds)
        except OSError:
            session.let_go()
            raise RequestError(f"The process {source.name!r} does not listen.") from None
        finally:
            _close(fds)
        self._add(session)

    def _run(self, request: dict[str, Any]) -> None:
        source, seconds = _text(request, "source"), request.get("seconds")
        if not isinstance(seconds, int | float) or not 0 < seconds <= _MOST_SECONDS:
            raise RequestError(f"`seconds` must be a number up to {_MOST_SECONDS}.")
        name = _text(request, "process")
        known = self._sessions.get(name)
        if known and (known.is_silent or not known.is_alive):
            self._answer(request["n"], ended="died", why="gone", outputs=[], cut=False)
            return
        session = self._idle(name)
        session.drain_all(self._nowhere)
        session.runs += 1
        session.awaited = Awaited(
            request["n"], in_seconds(seconds), session.runs, Outputs(self._output)
        )
        try:
            session.ask({"do": "run", "source": source, "run": session.runs}, (), _READ_SECONDS)
        except OSError:
            self._end(session, "deaf")

    def _stop(self, request: dict[str, Any]) -> None:
        session = self._sessions.get(_text(request, "process"))
        if session is None:
            raise RequestError(f"There is no process called {request['process']!r}.")
        if session.is_alive:
            self._end(session, "stopped")
        del self._sessions[session.name]
        self._sweep()
        self._answer(request["n"], ok=True)

    def _clear(self, request: dict[str, Any]) -> None:
        self._end_everything()
        self._answer(request["n"], ok=True)

    def _keep(self, request: dict[str, Any]) -> None:
        name = _text({"name": "", **request}, "name")
        self._kept.pop(name, None)
        if len(self._kept) >= _MOST_SESSIONS:
            raise RequestError(f"More than {_MOST_SESSIONS} work folders cannot be kept.")
        room = MOST_BYTES - sum(entry.size for kept in self._kept.values() for entry in kept)
        self._kept[name] = self._folder.keep(room)
        self._answer(request["n"], ok=True)

    def _restore(self, request: dict[str, Any]) -> None:
        name = _text({"name": "", **request}, "name")
        if name not in self._kept:
            raise RequestError(f"No work folder has been kept under the name {name!r} yet.")
        self._folder.restore(self._kept[name])
        self._answer(request["n"], ok=True)

    # sessions

    def _start_mould(self) -> None:
        """A fresh interpreter: this one remembers what sessions must not see."""
        if self._mould:
            processes.send(self._mould, signal.SIGKILL)
        self._mould_wire, theirs = wire.pair()
        self._mould = os.posix_spawn(
            sys.executable,
            [sys.executable, "-P", "-m", "technopark_sandbox.mould"],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0)],
            setpgroup=0,
        )
        theirs.close()

    def _new_session(self, request: dict[str, Any], name: str) -> tuple[Watched, tuple[int, ...]]:
        if name in self._sessions and self._sessions[name].is_alive:
            raise RequestError(f"There is a process called {name!r} already.")
        if sum(session.is_alive for session in self._sessions.values()) >= _MOST_SESSIONS:
            raise RequestError(f"There are {_MOST_SESSIONS} processes already; stop one first.")
        return watch(name, Awaited(request["n"], in_seconds(_START_SECONDS)))

    def _add(self, session: Watched) -> None:
        self._sessions[session.name] = session
        self._listen(session.incoming.wire.fileno(), partial(self._hear, session))
        for stream, fd in session.pipes.items():
            self._listen(fd, partial(session.drain, stream, self._nowhere))

    def _idle(self, name: str) -> Watched:
        session = self._sessions.get(name)
        if session is None:
            raise RequestError(f"There is no process called {name!r}.")
        if not session.is_alive:
            raise RequestError(f"The process {name!r} has ended.")
        is_copied = any(other.source is session for other in self._sessions.values())
        if session.awaited or is_copied:
            raise RequestError(f"The process {name!r} is busy.")
        return session

    def _hear(self, session: Watched) -> None:
        try:
            for message in session.words(_PACKETS):
                self._heard(session, message)
        except EOFError:
            # what ended it is known in a moment, when its parent hears of it
            session.is_silent = True
            self._selector.unregister(session.incoming.wire)
            if session.awaited:
                session.awaited.deadline = min(session.awaited.deadline, in_seconds(_END_SECONDS))
        except Exception as error:  # noqa: BLE001  # a session can send anything
            self._end(session, f"nonsense: {error!r}")

    def _heard(self, session: Watched, message: dict[str, Any]) -> None:
        awaited = session.awaited
        match message.get("is"):
            case "ready" if awaited and not awaited.run:
                if self._is_taken(session):
                    self._end(session, "another one answered for it")
                    return
                session.awaited = session.source = None
                self._answer(awaited.n, ok=True)
            case "failed":
                for copy in [s for s in self._sessions.values() if s.source is session]:
                    self._end(copy, str(message.get("why")))
            case "done" if awaited and awaited.run == message.get("run"):
                self._finish(session, awaited, message)
            case _ if awaited and awaited.outputs:
                session.drain_all(self._nowhere)
                awaited.outputs.add(message)
        if isinstance(message.get("k"), int):
            with suppress(OSError):
                session.ask({"ack": message["k"]})

    def _is_taken(self, session: Watched) -> bool:
        """Whether its process is another session's, too."""
        return any(
            other is not session and other.is_alive and other.pid == session.pid
            for other in self._sessions.values()
        )

    def _finish(self, session: Watched, awaited: Awaited, message: dict[str, Any]) -> None:
        session.drain_all(self._nowhere)
        ended = "ok" if message.get("ok") is True else "error"
        if awaited.is_interrupted:
            ended = "timeout"
        session.awaited = None
        count = message.get("count")
        self._answer_run(awaited, ended, execution_count=count if isinstance(count, int) else None)

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._wakes, _CHUNK)
        ended = processes.reap()
        if self._mould in ended:
            self._mould = 0
            with suppress(OSError):  # too many processes: it is tried again when it is needed
                self._start_mould()
        for session in list(self._sessions.values()):
            if session.is_alive and session.pid in ended:
                with suppress(EOFError):
                    for message in session.words(_PACKETS):
                        self._heard(session, message)
                if session.is_alive:
                    self._end(session, self._cause(ended[session.pid]))

    def _cause(self, status: int) -> str:
        kills = linux.killed_for_memory()
        is_memory, self._memory_kills = kills > self._memory_kills, kills
        if os.WIFEXITED(status):
            return "exit"
        return "memory" if is_memory and os.WTERMSIG(status) == signal.SIGKILL else "signal"

    def _end(self, session: Watched, why: str) -> None:
        """End a session, whatever it does, and give the answer that somebody waits for."""
        if session.pid not in (None, 1, os.getpid(), self._mould):
            processes.send(session.pid, signal.SIGKILL)
        session.drain_all(self._nowhere)
        wires = [] if session.is_silent else [session.incoming.wire.fileno()]
        for fd in (*wires, *session.pipes.values()):
            self._selector.unregister(fd)
        session.let_go()
        awaited, session.awaited, session.source = session.awaited, None, None
        self._sweep_is_due = True
        if awaited is None:
            return
        if awaited.outputs:
            self._answer_run(awaited, "died", why=why)
        else:
            self._answer(awaited.n, error=f"The process {session.name!r} did not start: {why}.")

    def _sweep(self) -> None:
        """End what sessions have left behind; not while one starts, as it is not known yet."""
        living = [session for session in self._sessions.values() if session.is_alive]
        self._sweep_is_due = any(session.pid is None for session in living)
        if not self._sweep_is_due:
            spared = {self._mould} | {session.pid for session in living if session.pid}
            processes.end_strangers(spared, with_children=True)

    def _end_everything(self) -> None:
        for session in self._sessions.values():
            if session.is_alive:
                self._end(session, "stopped")
        self._sessions.clear()
        spared = set() if self._is_done else {self._mould}
        if not processes.end_strangers(spared, with_children=False) and os.getpid() == 1:
            processes.end_all()

    # time

    def _patience(self) -> float | None:
        """Seconds until somebody's time is over."""
        waits = [session.awaited for session in self._sessions.values() if session.awaited]
        if not waits:
            return None
        return max(0.0, min(awaited.deadline for awaited in waits) - time.monotonic())

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        for session in list(self._sessions.values()):
            awaited = session.awaited
            if awaited is None or awaited.deadline > now:
                continue
            if session.is_silent:
                self._end(session, "gone")
            elif awaited.run and not awaited.is_interrupted:
                awaited.is_interrupted = True
                awaited.deadline = now + _INTERRUPT_SECONDS
                _interrupt(session)
            else:
                if not awaited.run and session.source is None:
                    processes.send(self._mould, signal.SIGKILL)  # the next one gets a new one
                self._end(session, "endless")

    # answers

    def _answer_run(self, awaited: Awaited, ended: str, **more: Any) -> None:
        outputs = awaited.outputs or Outputs(self._output)
        self._answer(awaited.n, ended=ended, outputs=outputs.shown, cut=outputs.is_cut, **more)

    def _answer(self, n: Any, **answer: Any) -> None:
        text = json.dumps({"n": n, **answer}, ensure_ascii=False)
        rest = memoryview(text.encode("utf-8", "replace") + b"\n")
        while rest:
            rest = rest[os.write(self._answers, rest) :]

    def _listen(self, fd: int, hear: Callable[[], None]) -> None:
        self._selector.register(fd, selectors.EVENT_READ, hear)


def _take_over_streams(nowhere: int) -> tuple[int, int]:
    """Put the streams of requests and answers where nothing else writes to them by mistake."""
    requests, answers = os.dup(0), os.dup(1)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    return requests, answers


def _wakes_at_childrens_end() -> int:
    hear, say = os.pipe()
    os.set_blocking(hear, False)
    os.set_blocking(say, False)
    signal.set_wakeup_fd(say, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_signal: None)
    return hear


def _interrupt(session: Watched) -> None:
    """As Jupyter interrupts a kernel: it and the programs that it runs."""
    if session.pid is None:
        return
    with suppress(ProcessLookupError, PermissionError):
        if os.getpgid(session.pid) == session.pid:
            os.killpg(session.pid, signal.SIGINT)
        else:
            os.kill(session.pid, signal.SIGINT)


def _close(fds: tuple[int, ...]) -> None:
    for fd in fds:
        os.close(fd)


def _text(request: dict[str, Any], key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str):
        raise RequestError(f"`{key}` must be a text.")
    return value


def _texts(request: dict[str, Any], key: str) -> dict[str, str]:
    value = request.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise RequestError(f"`{key}` must be an object of texts.")
    return value
