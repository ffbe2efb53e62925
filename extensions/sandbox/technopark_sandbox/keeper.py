"""Process 1 of a sandbox: takes requests and has them done, and listens to all that may speak.

Pupils' code never runs here and cannot reach it. It answers every request, whatever sessions send
or fail to send, and forgets what it has passed on.
"""

import os
import selectors
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from technopark_sandbox.attempts import Attempts
from technopark_sandbox.folder import MOST_BYTES, Folder, FolderError, Kept
from technopark_sandbox.foundry import Mould
from technopark_sandbox.lines import (
    Lines,
    Request,
    RequestError,
    number_of,
    text_of,
    texts_of,
)
from technopark_sandbox.sessions import Sessions

_OUTPUT = (1_000, 1_000_000)
_SECONDS = (0.05, 3_600)
_MOST_KEPT = 24
_CHUNK = 65_536


class Keeper:
    """The whole sandbox, as one loop."""

    def __init__(self, folder: Path, mould: Mould) -> None:
        self._folder = Folder(folder)
        self._kept: dict[str, list[Kept]] = {}
        self._environment: dict[str, str] = {}
        self._output = 50_000
        self._selector = selectors.PollSelector()
        self._lines = Lines()
        self._children_end = _wakes_at_childrens_end()
        self._sessions = Sessions(self, mould)
        self._attempts = Attempts(self._sessions, self._folder, self._room)
        self._is_done = False

    def serve(self) -> None:
        """Answers requests until there can be no more; then ends everything."""
        if os.getpid() != 1:
            signal.signal(signal.SIGTERM, self._finish)
        self.listen(self._lines.requests, self._read_requests)
        self.listen(self._children_end, self._reap)
        while not self._is_done:
            for key, _events in self._selector.select(self._patience()):
                # an earlier one in this round may have ended this one
                if self._selector.get_map().get(key.fd) is key:
                    key.data()
            self._sessions.look_at_the_clock()
            self._attempts.finish()
        self._sessions.clear(for_good=True)

    def listen(self, fd: int, hear: Callable[[], None]) -> None:
        """From now on, calls `hear` whenever there is something to read."""
        self._selector.register(fd, selectors.EVENT_READ, hear)

    def ignore(self, fd: int) -> None:
        """Does so no more."""
        self._selector.unregister(fd)

    def _finish(self, *_signal: object) -> None:
        self._is_done = True

    def _patience(self) -> float | None:
        deadline = self._sessions.next_deadline()
        return None if deadline is None else max(0.0, deadline - time.monotonic())

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._children_end, _CHUNK)
        self._sessions.reap()

    def _read_requests(self) -> None:
        try:
            found = self._lines.read()
        except EOFError:
            self._is_done = True
            return
        for request in found:
            if isinstance(request, RequestError):
                self._lines.answer(None, error=str(request))
            else:
                self._take(request)

    def _take(self, request: Request) -> None:
        n = request.get("n")
        try:
            is_done = self._do(request)
        except (RequestError, FolderError) as refused:
            self._lines.answer(n, error=str(refused))
        except Exception as error:  # noqa: BLE001  # somebody waits for an answer, whatever it is
            self._lines.answer(n, error=f"The sandbox could not do it: {error!r}")
        else:
            if is_done:
                self._lines.answer(n, ok=True)

    def _do(self, request: Request) -> bool:
        """Do it; whether it is done, or a session will answer."""
        answer = partial(self._lines.answer, request.get("n"))
        match request.get("do"):
            case "open":
                self._open(request)
            case "start":
                order = {
                    "environment": self._environment,
                    "folder": str(self._folder.path),
                    "limit": self._output,
                }
                self._sessions.start(answer, text_of(request, "process"), order)
                return False
            case "copy":
                name, copy = text_of(request, "process"), text_of(request, "as")
                self._sessions.copy(answer, name, copy)
                return False
            case "run" | "try" as how:
                name, source = text_of(request, "process"), text_of(request, "source")
                seconds = number_of(request, "seconds", *_SECONDS)
                go = self._sessions.run if how == "run" else self._attempts.begin
                go(answer, name, source, seconds, self._output)
                return False
            case "stop":
                self._sessions.stop(text_of(request, "process"))
            case "clear":
                self._sessions.clear()
            case "keep":
                self._keep(text_of(request, "name", ""))
            case "restore":
                self._restore(text_of(request, "name", ""))
            case other:
                raise RequestError(f"There is nothing called {other!r} to do.")
        return True

    def _open(self, request: Request) -> None:
        files, environment = texts_of(request, "files"), texts_of(request, "environment")
        output = number_of({"output": self._output, **request}, "output", *_OUTPUT)
        self._folder.put(files)
        self._environment, self._output = environment, int(output)

    def _keep(self, name: str) -> None:
        self._kept.pop(name, None)
        if len(self._kept) >= _MOST_KEPT:
            raise RequestError(f"More than {_MOST_KEPT} work folders cannot be kept.")
        self._kept[name] = self._folder.keep(self._room())

    def _room(self) -> int:
        return MOST_BYTES - sum(entry.size for kept in self._kept.values() for entry in kept)

    def _restore(self, name: str) -> None:
        if name not in self._kept:
            raise RequestError(f"No work folder has been kept under the name {name!r} yet.")
        self._folder.restore(self._kept[name])


def _wakes_at_childrens_end() -> int:
    hear, say = os.pipe()
    os.set_blocking(hear, False)
    os.set_blocking(say, False)
    signal.set_wakeup_fd(say, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_signal: None)
    return hear
