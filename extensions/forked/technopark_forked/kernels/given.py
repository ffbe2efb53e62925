"""The parent of kernels that came with this server: how the server speaks to it.

Used by `keeper`, whose thread reads what it says. Like a parent of the server's own it is the
pupil's process and no boundary: what it says is believed as much as a kernel is.
"""

import queue
import socket
import threading
from typing import Any

from technopark_forked.kernels.adopted import Reported
from technopark_forked.kernels.line import MEETING, Line, LineBroken


class NotForked(Exception):  # noqa: N818  # then it is started the ordinary way
    """There is no forked kernel to be had; the text says why, for the server's log."""


class GivenParent:
    """One that has agreed to serve.

    Args:
        line: to it.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._asking = threading.Lock()
        self._answers: queue.SimpleQueue[dict[str, Any] | Reported] = queue.SimpleQueue()
        self._kernels: dict[int, Reported] = {}

    def read(self) -> None:
        """Takes what it says, until it ends."""
        try:
            while True:
                self._take(self._line.receive())
        except LineBroken as end:
            for kernel in self._kernels.values():
                kernel.leave()
            self._answers.put({"error": f"the parent has gone: {end}"})
        finally:
            self._line.close()

    def fork(self, order: dict[str, Any], within: float) -> Reported:
        """A new kernel, in a session of its own.

        Args:
            order: its `command`, `environment` and `folder`.
            within: seconds; a parent that needs longer is given up.

        Raises:
            NotForked
        """
        with self._asking:
            try:
                self._line.send(order)
                answer = self._answers.get(timeout=within)
            except (LineBroken, OSError, queue.Empty) as error:
                self.end()
                raise NotForked(f"the parent does not answer: {error!r}") from None
        if isinstance(answer, Reported):
            return answer
        raise NotForked(str(answer.get("error")))

    def end(self) -> None:
        """Ends it, and its kernels with it."""
        self._line.end()

    def _take(self, message: dict[str, Any]) -> None:
        if "ended" in message:
            if kernel := self._kernels.pop(message["ended"], None):
                kernel.ended(message["code"])
        elif "pid" in message and "error" not in message:
            born = self._kernels[message["pid"]] = Reported(message["pid"])
            self._answers.put(born)
        else:
            self._answers.put(message)


def meet(hello: dict[str, Any], within: float) -> GivenParent | None:
    """The parent that came with this server, where there is one and it has not met another.

    Args:
        hello: `environment`, `libraries` and `patience` of kernels here.
        within: seconds for its answer.

    Raises:
        NotForked: it cannot serve here; the text says why.
    """
    end = socket.socket(socket.AF_UNIX)
    try:
        end.connect(MEETING)
    except OSError:
        end.close()
        return None
    line = Line(end)
    try:
        line.send(hello)
        answer = line.receive(within)
    except LineBroken as error:
        answer = {"error": str(error)}
    if "error" in answer:
        line.close()
        raise NotForked(str(answer["error"]))
    return GivenParent(line)
