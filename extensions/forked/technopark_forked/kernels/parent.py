"""`python -m technopark_forked.kernels.parent LINE`: the process that a kernel is forked from.

Started by `keeper` in the kernels' own environment, as the pupil, where none came with the server
(`staying`). It imports ipykernel, then the course's libraries, and runs nothing of a notebook; it
ends with its kernel's birth.
"""

import argparse
import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from technopark_forked.kernels import birth, preload
from technopark_forked.kernels.line import Line, LineBroken

_LOOK_AGAIN_SECONDS = 0.5
"""How often a parent with something left to import looks whether the machine is calm."""
_WATCH_SECONDS = 0.02
"""How often it looks whether an import has ended."""
_IMPORT_SECONDS = 0.5
"""So long a kernel waits for an import that is under way; an ordinary start takes longer."""


class Refused(Exception):  # noqa: N818  # the server starts the kernel the ordinary way
    """The kernel cannot be forked; the text says why, for the server's log."""


class Parent:
    """What is imported, and what is to be.

    Args:
        line: to the server.
        modules: the course's, to be imported when the machine is calm.
        given: the environment as the server gave it; imports may have added to it since.
        patience: seconds to wait for a calm machine. Where it is never calm, classes are at work
            and need the libraries.
    """

    stays = False
    """Whether it is there for further kernels. Beside a kernel it would only hold copies of what
    the kernel changes, unless they are the node's."""

    def __init__(
        self, line: Line, modules: list[str], given: Mapping[str, str], patience: float
    ) -> None:
        self.line = line
        self._left = modules
        self._given = given
        self._importing: preload.Importing | None = None
        self._before = preload.packages()
        self._waits_until = time.monotonic() + patience

    def serve(self) -> birth.Newborn | None:
        """Answers the server until it is done: returns in a kernel, and with None in the parent."""
        while True:
            ears: list[Any] = [self.line, *self.children()]
            heard = select.select(ears, [], [], self._patience())[0]
            is_asked = self.line in heard
            self.bury(heard)
            self._go_on(is_asked=is_asked)
            if not is_asked:
                continue
            answer: birth.Newborn | dict[str, Any]
            try:
                order = self.line.receive()
                self.look_at(order)
                answer = self.fork(order)
            except LineBroken:
                return None
            except (Refused, OSError) as refusal:
                answer = {"error": str(refusal)}
            if isinstance(answer, birth.Newborn):
                return answer
            self.line.send(answer)
            if "error" not in answer and not self.stays:
                return None

    def children(self) -> list[int]:
        """Handles of kernels that are to be buried here."""
        return []

    def bury(self, ended: list[Any]) -> None:
        """Buries the kernels among `ended`."""

    def part_with(self, module: str) -> None:
        """A library keeps threads, which no kernel would have."""
        preload.begin_again(module, self._given)

    def _patience(self) -> float | None:
        if self._importing:
            return _WATCH_SECONDS
        return _LOOK_AGAIN_SECONDS if self._left else None

    def _go_on(self, *, is_asked: bool) -> None:
        """Import what is left, one module after the other, none while a kernel is asked for."""
        if self._importing and self._importing.is_over(_IMPORT_SECONDS if is_asked else 0.0):
            preload.settle()
            if preload.leaves_threads():
                self.part_with(self._importing.module)
            self._importing = None
        if self._left and not self._importing and not preload.has_room():
            self._left.clear()
        may_import = preload.is_calm() or time.monotonic() > self._waits_until
        if self._left and not self._importing and not is_asked and may_import:
            self._importing = preload.Importing(self._left.pop(0))

    def look_at(self, order: dict[str, Any]) -> None:
        """Raises Refused where the kernel of `order` would not be what a program is."""
        if self._importing:
            raise Refused(f"{self._importing.module} is just being imported")
        ours = preload.packages() - self._before - sys.stdlib_module_names
        if hidden := preload.hidden_by(Path(order["folder"]), ours):
            names = ", ".join(sorted(hidden))
            raise Refused(f"the notebook's folder has its own {names}")

    def fork(self, order: dict[str, Any]) -> birth.Newborn | dict[str, Any]:
        """In the kernel, what it is to be; here, the answer for the server.

        It is forked twice, as the server adopts whoever has lost its parent.
        """
        said, says = os.pipe()
        between = os.fork()
        if between:
            os.close(says)
            os.waitpid(between, 0)
            return birth.listen(said)
        try:
            between = os.getpid()
            if os.fork():
                os._exit(0)
        except OSError:
            os._exit(1)
        os.close(said)
        self.line.close()
        return birth.Newborn(order, self._given, between, says)


def be_a_kernel_or_end(newborn: birth.Newborn | None) -> None:
    """What follows `serve`; a parent ends at once.

    Python's own end would wait for an import that is under way, and have it fail in the middle.
    """
    if newborn is None:
        os._exit(0)
    newborn.run()


def main() -> None:
    """Serves one server; in each kernel, runs it."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("line", type=int)
    words.add_argument("--list", type=Path, default=Path(os.devnull))
    words.add_argument("--patience", type=float, default=0.0)
    words.add_argument("--without", action="append", default=[])
    asked = words.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # as ipykernel's launcher does
    given = dict(os.environ)
    preload.choose_backend()
    gc.disable()  # nothing that is imported is garbage, and looking for it takes time
    for module in preload.KERNEL:
        preload.import_now(module)
    preload.settle()
    modules = [name for name in preload.listed(asked.list) if name not in asked.without]
    line = Line(socket.socket(fileno=asked.line))
    be_a_kernel_or_end(Parent(line, modules, given, asked.patience).serve())


if __name__ == "__main__":
    main()
