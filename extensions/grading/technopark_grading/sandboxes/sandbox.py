"""Speaks with one sandbox: the throwaway container in which one submission's cells run.

`lineage` asks it to run cells; `channels` opens the way to it. What comes back was made by a
pupil's process and is trusted with nothing but to be shown and judged.
"""

import base64
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Protocol

MAX_LINE = 32 * 1024 * 1024
"""Bytes of one message, either way."""

_PART = 16 * 1024 * 1024
"""Bytes of files that are sent in one message, before base64 makes a third more of them."""

_SLACK_S = 30
"""What the sandbox may take beyond the cell's own time, to interrupt it and to answer."""

_ANSWER_S = 60
"""What the sandbox may take for anything but a cell."""

Ended = Literal["ok", "error", "timeout", "died"]


class SandboxLostError(Exception):
    """The sandbox went away, or what it says is not its protocol; the text says which."""


class NoSandboxError(Exception):
    """There is no sandbox to be had; the text says why, and what to do."""


class Channel(Protocol):
    """A way to a sandbox's standard input and output."""

    lease: str
    """The broker's name of it; empty for a program of this machine."""

    def send(self, data: bytes) -> None:
        """Pass bytes to the sandbox; raises OSError when it is gone."""

    def receive(self, seconds: float) -> bytes:
        """Some bytes from the sandbox, none at its end; raises TimeoutError, OSError."""

    def close(self) -> None:
        """End the sandbox; may be called twice, and from another thread."""


@dataclass(frozen=True)
class Ran:
    """How a cell ran."""

    ended: Ended
    outputs: list[dict[str, Any]]
    """As nbformat has them; whatever the process sent."""
    cut: bool
    """Whether it printed more than is kept."""
    endless: bool
    """Whether it was ended by force, because asking it to stop did not help."""
    seconds: float


class Sandbox:
    """One sandbox, from its first request until it is closed."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.lease = channel.lease
        """The broker's name of it; empty for a program of this machine."""
        self._received = b""
        self._number = 0

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox with everything in it."""
        self._channel.close()

    def open(self, files: Mapping[str, bytes], environment: Mapping[str, str], output: int) -> None:
        """Put files into the folder in which cells will run.

        Args:
            files: contents by path relative to that folder.
            environment: variables that cells see beside the sandbox's own.
            output: characters of output that are kept of each cell.
        """
        for part in _parts(files):
            details = {"files": part, "environment": dict(environment), "output": output}
            self._ask("open", details)

    def start(self, process: str) -> None:
        """Start a fresh Python under this name."""
        self._ask("start", {"process": process})

    def copy(self, process: str, name: str) -> None:
        """Let `name` go on from where `process` is; both are independent from then on."""
        self._ask("copy", {"process": process, "as": name})

    def run(self, process: str, source: str, seconds: float) -> Ran:
        """Run a cell for that many seconds at most."""
        return self._ran("run", process, source, seconds)

    def try_out(self, process: str, source: str, seconds: float) -> Ran:
        """Run a cell in a copy that leaves nothing behind, also no files.

        Errors are told by name and message alone, which is quicker.
        """
        return self._ran("try", process, source, seconds)

    def _ran(self, how: str, process: str, source: str, seconds: float) -> Ran:
        started = time.monotonic()
        details = {"process": process, "source": source, "seconds": seconds}
        answer = self._ask(how, details, patience=seconds + _SLACK_S)
        ended, outputs = answer.get("ended"), answer.get("outputs", [])
        if ended not in ("ok", "error", "timeout", "died") or not isinstance(outputs, list):
            raise SandboxLostError(f"a cell cannot have ended as {ended!r}")
        return Ran(
            ended=ended,
            outputs=[output for output in outputs if isinstance(output, dict)],
            cut=bool(answer.get("cut")),
            endless=answer.get("why") == "endless",
            seconds=time.monotonic() - started,
        )

    def stop(self, process: str) -> None:
        """End a process, whatever it does."""
        self._ask("stop", {"process": process})

    def keep(self, name: str) -> None:
        """Remember the folder as it is now under this name."""
        self._ask("keep", {"name": name})

    def restore(self, name: str) -> None:
        """Bring the folder back to what it was when it was kept under this name."""
        self._ask("restore", {"name": name})

    def _ask(
        self, what: str, details: dict[str, Any], patience: float = _ANSWER_S
    ) -> dict[str, Any]:
        """Send one request and wait for its answer.

        Raises:
            SandboxLostError: there is none, or the sandbox cannot do what it was asked.
        """
        self._number += 1
        request = json.dumps({"n": self._number, "do": what, **details}, ensure_ascii=False)
        try:
            self._channel.send(request.encode() + b"\n")
            answer = json.loads(self._line(time.monotonic() + patience))
        except TimeoutError:
            raise SandboxLostError(f"no answer to {what!r} within {patience:.0f} s") from None
        except (OSError, ValueError, RecursionError) as problem:
            raise SandboxLostError(f"no answer to {what!r}: {problem}") from None
        if not isinstance(answer, dict) or answer.get("n") != self._number:
            raise SandboxLostError(f"the answer to {what!r} is not its own")
        if "error" in answer:
            raise SandboxLostError(f"{what!r} cannot be done: {answer['error']}")
        return answer

    def _line(self, deadline: float) -> bytes:
        parts = [self._received]
        size = len(self._received)
        while b"\n" not in parts[-1]:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            part = self._channel.receive(left)
            if not part:
                raise OSError("the sandbox has ended")
            parts.append(part)
            size += len(part)
            if size > MAX_LINE:
                raise OSError("the sandbox does not end its line")
        line, _, self._received = b"".join(parts).partition(b"\n")
        return line


OpenSandbox = Callable[[], AbstractContextManager[Sandbox]]
"""Opens a sandbox that nobody has used; raises NoSandboxError."""


def _parts(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    """The files in base64, as many at a time as one message carries; one part at least."""
    parts: list[dict[str, str]] = [{}]
    size = 0
    for path, content in files.items():
        if parts[-1] and size + len(content) > _PART:
            parts.append({})
            size = 0
        parts[-1][path] = base64.b64encode(content).decode("ascii")
        size += len(content)
    return parts
