"""The parent of kernels that came with the server, forked by the node's parent: it stays.

Run by `stack`, as the pupil. What it has imported before is shared by the whole node, so beside a
kernel it costs little, and restarts and second notebooks are quick, too. Its kernels' parent it
remains: it tells the server how each has ended.
"""

import os
import sys
from typing import Any

from technopark_forked.kernels import birth
from technopark_forked.kernels.line import LineBroken
from technopark_forked.kernels.parent import Parent, Refused


class StayingParent(Parent):
    """One server's, for all its kernels."""

    stays = True
    _threads_of = ""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._kernels: dict[int, int] = {}

    def children(self) -> list[int]:
        """Handles of all kernels."""
        return list(self._kernels)

    def bury(self, ended: list[Any]) -> None:
        """Tells the server of each kernel that has ended."""
        for handle in {*ended} & self._kernels.keys():
            pid = self._kernels.pop(handle)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            os.close(handle)
            try:
                self.line.send({"ended": pid, "code": code})
            except LineBroken:
                return  # the next look at the line finds that out

    def part_with(self, module: str) -> None:
        """Without kernels it ends; the server then starts one that leaves the library out."""
        print(f"{module} keeps threads: no kernels are forked with it.", file=sys.stderr)
        if not self._kernels:
            raise SystemExit(1)
        self._threads_of = module

    def look_at(self, order: dict[str, Any]) -> None:
        """Raises Refused where the kernel of `order` would not be what a program is."""
        if self._threads_of:
            raise Refused(f"{self._threads_of} keeps threads")
        super().look_at(order)

    def fork(self, order: dict[str, Any]) -> birth.Newborn | dict[str, Any]:
        """In the kernel, what it is to be; here, the answer for the server."""
        said, says = os.pipe()
        child = os.fork()
        if child:
            os.close(says)
            self._kernels[os.pidfd_open(child)] = child
            return birth.listen(said)
        os.close(said)
        for handle in self._kernels:
            os.close(handle)
        self.line.close()
        return birth.Newborn(order, self._given, None, says)
