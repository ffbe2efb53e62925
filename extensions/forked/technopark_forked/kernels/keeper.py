"""Has a parent of kernels ready, and asks it for a kernel.

That is the one that came with the server, or else one of its own whenever there is no kernel.
Started by `extension` in a pupil's server, asked by `provisioner`. It never keeps a kernel from
starting: whatever goes wrong is a `NotForked`, and the kernel is started the ordinary way.
"""

import logging
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Protocol

from technopark_forked.kernels.adopted import Adopted, adopting
from technopark_forked.kernels.given import GivenParent, NotForked, meet
from technopark_forked.kernels.line import Line, LineBroken
from technopark_forked.kernels.preload import is_calm

LAUNCHER = ("-m", "ipykernel_launcher")
"""What a kernel's command must run, after the interpreter, to be forked."""

_ANSWER_SECONDS = 10.0
"""A parent that needs longer, on a machine however busy, is stuck."""
_LOOK_AGAIN_SECONDS = 0.5
_RESTART_SECONDS = 5.0
"""A kernel that ends and is not there again by then has ended for good."""

_PAUSES = (1.0, 4.0, 15.0, 60.0)
"""Seconds before there is another parent in place of one that ended; the last one repeats."""
_SETTLED_SECONDS = 300.0
"""A parent that has lived for so long was well: the pauses begin anew."""


class Kernel(Protocol):
    """A process of this server, as `subprocess.Popen`."""

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""


class Keeper:
    """The parent of the moment.

    Args:
        command: a kernel's command as in its kernelspec, up to and with LAUNCHER.
        environment: what kernels get; also what is set when the libraries are imported.
        libraries: the file that names them.
        log: the server's.
        patience: seconds that the parent, and the import of libraries, wait for a calm machine.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        libraries: str,
        log: logging.Logger,
        patience: float = 30.0,
    ) -> None:
        self._command = list(command)
        self._patience = patience
        self._given: GivenParent | None = None
        self._options = ["--list", libraries, "--patience", str(patience)]
        self._environment = {**environment, "JPY_PARENT_PID": str(os.getpid())}
        self._hello = {
            "environment": self._environment,
            "libraries": libraries,
            "patience": patience,
        }
        self._log = log
        self._asking = threading.Lock()
        self._kernels: list[Kernel] = []
        self._over = threading.Event()
        self._has_looked = threading.Event()
        self._parent: subprocess.Popen[bytes] | None = None
        self._line: Line | None = None
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The parent's, while there is one."""
        return self._parent.pid if self._parent else None

    def start(self) -> None:
        """Has a parent when the machine is calm, and another when its kernel has ended.

        Until `stop`, or until this process ends. Started once; to be called again does nothing.
        """
        with self._asking:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._mind, name="kernels' parent", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """Ends the parent; the kernels of one that came with the server end with it."""
        self._over.set()
        if self._given:
            self._given.end()
        if self._line:
            self._line.close()
        if self._parent:
            self._parent.kill()
        if self._thread:
            self._thread.join()

    def fork(self, command: Sequence[str], environment: Mapping[str, str], folder: str) -> Adopted:
        """A new kernel, a child of this process in a session of its own.

        Args:
            command: the kernel's whole command.
            environment: the kernel's, as it would be given to a program.
            folder: where it works.

        Raises:
            NotForked
        """
        self._check(command, environment)
        self.start()
        self._has_looked.wait(_ANSWER_SECONDS)  # whoever clicks at once has the one that came
        order = {"command": list(command), "environment": dict(environment), "folder": folder}
        if given := self._given:
            born = given.fork(order, _ANSWER_SECONDS)
            self._kernels.append(born)
            return born
        with self._asking:
            line = self._line
            if line is None:
                raise NotForked("there is no parent now")
            try:
                with adopting():
                    line.send(order)
                    answer = line.receive(_ANSWER_SECONDS)
            except (LineBroken, OSError, ValueError) as error:
                self._give_up()
                raise NotForked(f"the parent does not answer: {error}") from None
            kernel = Adopted(answer["pid"]) if "pid" in answer else None
            if kernel and "error" not in answer:
                self._line = None
                self._kernels.append(kernel)
                return kernel
        if kernel:
            kernel.kill()
            kernel.wait()
        raise NotForked(str(answer.get("error")))

    def mind(self, kernel: Kernel) -> None:
        """Beside this kernel, which was started the ordinary way, a parent would only take room."""
        with self._asking:
            self._kernels.append(kernel)
            if self._line:
                self._line.close()
                self._line = None

    def _check(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Only what the ordinary way would have given the libraries, too, may be forked."""
        if list(command[: len(self._command)]) != self._command:
            raise NotForked("the kernel has another command")
        other = {
            name
            for name in {*environment, *self._environment}
            if not name.startswith("JPY_") and environment.get(name) != self._environment.get(name)
        }
        if other:
            names = ", ".join(sorted(other))
            raise NotForked(f"the environment has changed since the parent's start: {names}")

    def _give_up(self) -> None:
        """The next parent is a better one."""
        self._line = None
        if self._parent:
            self._parent.kill()

    def _mind(self) -> None:
        tries = 0
        while self._wait_until_needed():
            if self._given:
                self._given.read()
                self._given = None
                continue
            started = time.monotonic()
            try:
                code, ended = self._run(), ""
            except OSError as error:
                code, ended = 1, str(error)
            if self._over.is_set() or code == 0:
                tries = 0
                continue
            tries = 0 if time.monotonic() - started > _SETTLED_SECONDS else tries + 1
            pause = _PAUSES[min(tries, len(_PAUSES)) - 1]
            self._log.warning(
                "The parent of kernels has ended (%s); there will be another in %.0f s.",
                ended or f"exit code {code}",
                pause,
            )
            self._over.wait(pause)

    def _wait_until_needed(self) -> bool:
        """Whether there is to be a parent: there is no kernel, and the machine is calm.

        At the bell servers come first, and a kernel that restarts is back in a moment. A parent
        that came with the server looks out for that itself, and is taken at once.
        """
        free_since = time.monotonic()
        while not self._over.is_set():
            with self._asking:
                self._kernels = [kernel for kernel in self._kernels if kernel.poll() is None]
            now = time.monotonic()
            has_met = self._has_met()
            self._has_looked.set()
            if has_met:
                return True
            if self._kernels:
                free_since = now + min(self._patience, _RESTART_SECONDS)
            elif now >= free_since and (is_calm() or now > free_since + self._patience):
                return True
            self._over.wait(_LOOK_AGAIN_SECONDS)
        return False

    def _has_met(self) -> bool:
        """Whether there is now a parent that came with the server."""
        try:
            self._given = meet(self._hello, _ANSWER_SECONDS)
        except NotForked as reason:
            self._log.info("Kernels are not forked from the node's parent: %s.", reason)
        return self._given is not None

    def _run(self) -> int:
        """Start a parent and wait for its end: its exit code, 0 where it has forked a kernel."""
        ours, theirs = socket.socketpair()
        program = [self._command[0], "-m", "technopark_forked.kernels.parent"]
        with theirs:
            self._parent = subprocess.Popen(
                [*program, str(theirs.fileno()), *self._options],
                stdin=subprocess.PIPE,  # with nothing at its other end, as jupyter_client has it
                env=self._environment,
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        if self._parent.stdin:
            self._parent.stdin.close()
        self._line = Line(ours)
        try:
            return self._parent.wait()
        finally:
            with self._asking:  # its last answer is still to be read, by whoever has asked
                self._line = None
                ours.close()
                self._parent = None


_makers: list[Callable[[], Keeper | None]] = []


def keep(make: Callable[[], Keeper | None]) -> None:
    """Says how the keeper of this process's kernels is made; it is when it is asked for."""
    _makers[:] = [cache(make)]


def kept() -> Keeper | None:
    """This process's keeper; None where kernels are not forked, as in other programs."""
    return _makers[0]() if _makers else None
