"""A client for tests: one sandbox, as a local program or in a container, asked in plain calls."""

import json
import selectors
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Answer = dict[str, Any]


class Sandbox:
    """Requests and answers over the standard streams of a program."""

    def __init__(self, command: Sequence[str]) -> None:
        self.program = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self._count = 0
        self._unread = b""
        self._answers: dict[Any, Answer] = {}

    def send(self, do: str, **words: Any) -> int:
        """Asks, and waits for nothing; answers the request's number."""
        self._count += 1
        self.send_line(json.dumps({"n": self._count, "do": do, **words}).encode())
        return self._count

    def send_line(self, line: bytes) -> None:
        assert self.program.stdin is not None
        rest = memoryview(line + b"\n")
        while rest:
            rest = rest[self.program.stdin.write(rest) :]

    def answer(self, n: int | None, within: float = 30) -> Answer:
        """The answer to that request.

        Raises:
            AssertionError: it did not come in time, or the sandbox is gone.
        """
        deadline = time.monotonic() + within
        while n not in self._answers:
            found = json.loads(self._line(deadline))
            assert found["n"] not in self._answers, f"a second answer: {found}"
            self._answers[found["n"]] = found
        return self._answers.pop(n)

    def ask(self, do: str, within: float = 30, **words: Any) -> Answer:
        return self.answer(self.send(do, **words), within)

    def must(self, do: str, **words: Any) -> None:
        """Asks for what has to work."""
        answer = self.ask(do, **words)
        assert answer.get("ok") is True, answer

    def run(self, source: str, process: str = "a", seconds: float = 20) -> Answer:
        """Runs a cell; there is an answer some seconds after its time at the latest."""
        return self.ask("run", within=seconds + 10, process=process, source=source, seconds=seconds)

    def value(self, source: str, process: str = "a") -> str:
        """What a cell that must end well shows as its result."""
        answer = self.run(source, process)
        assert answer["ended"] == "ok", answer
        text: str = answer["outputs"][-1]["data"]["text/plain"]
        return text

    def close(self) -> None:
        for stream in (self.program.stdin, self.program.stdout):
            if stream is not None:
                stream.close()
        try:
            self.program.wait(10)
        finally:
            self.program.kill()
            self.program.wait()

    def _line(self, deadline: float) -> bytes:
        assert self.program.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.program.stdout, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                left = deadline - time.monotonic()
                assert left > 0, "no answer in time"
                assert selector.select(left), "no answer in time"
                content = self.program.stdout.read(1 << 20)
                assert content, f"the sandbox has ended: {self.program.poll()}"
                self._unread += content
        line, _, self._unread = self._unread.partition(b"\n")
        return line


@contextmanager
def opened(command: Sequence[str], **words: Any) -> Iterator[Sandbox]:
    """A sandbox that is open, with one session `a`."""
    sandbox = Sandbox(command)
    try:
        sandbox.must("open", **{"files": {}, "environment": {}, **words})
        sandbox.must("start", process="a")
        yield sandbox
    finally:
        sandbox.close()


def printed(answer: Answer, stream: str = "stdout") -> str:
    """All that a cell printed."""
    return "".join(o["text"] for o in answer["outputs"] if o.get("name") == stream)


def error_name(answer: Answer) -> str | None:
    """The name of the error that the cell ended with."""
    return next((o["ename"] for o in answer["outputs"] if o["output_type"] == "error"), None)
